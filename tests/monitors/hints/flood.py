"""A flood of traps and a receiver under it, each a process of its own."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

from hatang.drivers.datagrams import udp_socket
from hatang.settings import ReceiverSettings
from monitors.hints import counters
from monitors.hints.catalogue import Catalogue
from monitors.hints.intakes import TrapDoor
from monitors.hints.senders import Sender
from tests.hatang.drivers.trapdatagrams import COMMUNITY, trap_v2

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

LAST_SECONDS = 20.0
REASONS = ("queue_full", "kernel", "rate", "replay", "malformed")


def receive(pipe: Connection, settings: dict[str, Any]) -> None:
    """Receive until told how many were sent; say the port first and the totals last."""
    asyncio.run(_receive(pipe, settings))


async def _receive(pipe: Connection, settings: dict[str, Any]) -> None:
    hints = 0
    longest = 0

    def put(_sender: Sender, _hint: object) -> None:
        nonlocal hints, longest
        hints += 1
        longest = max(longest, len(door.intake))

    given = ReceiverSettings.model_validate(settings)
    door = TrapDoor(udp_socket("127.0.0.1", 0, "flood"), given, Catalogue(), put)
    door.gate.know({"127.0.0.1": Sender("key-core-1")})
    door.know([], [COMMUNITY.decode()])
    serving = asyncio.create_task(door.serve())
    pipe.send(door.port)
    sent = await asyncio.to_thread(pipe.recv)
    end = time.monotonic() + LAST_SECONDS
    # What waits in the kernel's buffer is taken too; what it dropped last it never tells.
    while hints + sum(_lost().values()) < sent and time.monotonic() < end:
        await asyncio.sleep(0.05)
    pipe.send({"hints": hints, "longest": longest, **_lost()})
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def _lost() -> dict[str, float]:
    return {reason: counters.DROPPED.labels("trap", reason)._value.get() for reason in REASONS}


def send(pipe: Connection, port: int, per_second: int, seconds: int) -> None:
    """Send so many traps a second, each another; say how many went out."""
    sent = 0
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        while (passed := time.monotonic() - began) < seconds:
            while sent < passed * per_second:
                sock.send(trap_v2(request=sent))
                sent += 1
            time.sleep(0.002)
    pipe.send(sent)


def resident_bytes(pid: int, proc: Path) -> int:
    """Return the memory the process `pid` has in use (VmRSS)."""
    lines = (proc / str(pid) / "status").read_text("ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024
