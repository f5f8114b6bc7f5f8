"""The receiver: believes whom it should, hands on, keeps, and drops what is too much."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from hatang import secrets
from hatang.auth import Actor, Role
from hatang.drivers.datagrams import udp_socket
from hatang.settings import ReceiverSettings
from inventory import service as inventory
from monitors.client import MonitorClient
from monitors.elements import Element
from monitors.hints import counters, process, service
from monitors.hints.catalogue import Catalogue
from monitors.hints.intakes import LineDoor, TrapDoor
from monitors.hints.outbox import Outbox
from monitors.hints.schema import HintKind
from monitors.hints.senders import Sender
from tests.hatang.drivers.trapdatagrams import COMMUNITY, trap_v2
from tests.monitors.running import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hatang.db import Database
    from monitors.choices import ElementKind
    from monitors.hints.catalogue import Hint

SENDER = Sender("key-core-1", 1)


class Monitor(MonitorClient):
    """Takes every hint for a port."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def hint(self, kind: ElementKind, device_key: str, part: str) -> Element:
        self.asked.append(f"{kind}:{device_key}:{part}")
        return Element(kind, device_key, "eth4")


@asynccontextmanager
async def trap_door(
    put: Callable[[Sender, Hint], object], **settings: float
) -> AsyncIterator[tuple[TrapDoor, socket.socket]]:
    given = ReceiverSettings.model_validate(settings)
    door = TrapDoor(udp_socket("127.0.0.1", 0, "test"), given, Catalogue(), put)
    door.gate.know({"127.0.0.1": SENDER})
    door.know([], [COMMUNITY.decode()])
    serving = asyncio.create_task(door.serve())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", door.port))
        sock.settimeout(0)
        try:
            yield door, sock
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def dropped(reason: str, source: str = "trap") -> float:
    """Return how many were dropped for `reason` so far."""
    return float(counters.DROPPED.labels(source, reason)._value.get())


def test_a_trap_becomes_a_hint_of_its_sender() -> None:
    found: list[tuple[Sender, Hint]] = []

    async def run() -> None:
        async with trap_door(lambda sender, hint: found.append((sender, hint))) as (_, sock):
            sock.send(trap_v2())
            await until(lambda: bool(found))

    asyncio.run(run())
    ((sender, hint),) = found
    assert (sender, hint.kind, hint.part) == (SENDER, HintKind.LINK_DOWN, "4")


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (trap_v2(community=b"public"), "community"),
        (trap_v2()[:-4] + b"\xff\xff\xff\xff", "malformed"),
        (b"hello", "malformed"),
    ],
    ids=["community", "damaged", "noise"],
)
def test_what_is_not_believed_is_counted_by_its_reason(datagram: bytes, reason: str) -> None:
    before = dropped(reason)
    found: list[Hint] = []

    async def run() -> None:
        async with trap_door(lambda _, hint: found.append(hint)) as (_, sock):
            sock.send(datagram)
            await until(lambda: dropped(reason) == before + 1)

    asyncio.run(run())
    assert found == []


def test_a_replay_is_dropped_and_a_stranger_is_not_heard() -> None:
    found: list[Hint] = []

    async def run() -> None:
        before = dropped("replay"), dropped("unknown_sender")
        async with trap_door(lambda _, hint: found.append(hint)) as (door, sock):
            sock.send(trap_v2())
            sock.send(trap_v2())
            await until(lambda: dropped("replay") == before[0] + 1)
            door.gate.know({})
            sock.send(trap_v2(request=2))
            await until(lambda: dropped("unknown_sender") == before[1] + 1)

    asyncio.run(run())
    assert len(found) == 1


def test_an_inform_is_answered_also_when_it_is_a_repetition() -> None:
    async def run() -> None:
        async with trap_door(lambda _sender, _hint: None) as (_, sock):
            loop = asyncio.get_running_loop()
            for _ in range(2):
                sock.send(trap_v2(tag=0xA6))
                answer = await asyncio.wait_for(loop.sock_recv(sock, 2_000), 5)
                assert b"\xa2" in answer

    asyncio.run(run())


@pytest.mark.slow
def test_a_flood_keeps_the_queue_bounded_and_every_datagram_is_accounted_for() -> None:
    sent = 20_000
    reasons = ("queue_full", "kernel", "rate")
    understood = counters.RECEIVED.labels(SENDER.key, HintKind.LINK_DOWN)._value

    async def run() -> tuple[int, float]:
        before = sum(map(dropped, reasons)) + understood.get()
        longest = 0
        async with trap_door(lambda _sender, _hint: None, queue=500, sender_per_second=10_000) as (
            door,
            sock,
        ):
            sock.setblocking(True)
            for number in range(sent):
                sock.send(trap_v2(request=number))
                if number % 1_000 == 0:
                    await asyncio.sleep(0)
                longest = max(longest, len(door.intake))
            # The kernel tells what it dropped with the next datagram that it lets in.
            async with asyncio.timeout(20):
                extra = 0
                while sum(map(dropped, reasons)) + understood.get() - before < sent + extra:
                    sock.send(trap_v2(request=sent + extra))
                    extra += 1
                    await asyncio.sleep(0.01)
        return longest, sum(map(dropped, reasons))

    before = sum(map(dropped, reasons))
    longest, after = asyncio.run(run())
    assert longest <= 500
    assert after > before


def test_a_log_line_that_rsyslog_hands_over_becomes_a_hint(tmp_path: Path) -> None:
    found: list[Hint] = []

    async def run() -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.settimeout(0)
        door = LineDoor(ours, ReceiverSettings(), Catalogue(), lambda _, hint: found.append(hint))
        door.gate.know({"10.0.0.1": SENDER})
        serving = asyncio.create_task(door.serve())
        before = dropped("unknown_sender", "syslog")
        line = b"%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"
        theirs.send(b"10.9.9.9 " + line)
        theirs.send(b"10.0.0.1 " + line)
        await until(lambda: bool(found))
        assert dropped("unknown_sender", "syslog") == before + 1
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        theirs.close()

    asyncio.run(run())
    assert [(hint.kind, hint.part) for hint in found] == [(HintKind.LINK_DOWN, "Gi0/1")]


def test_whom_to_believe_comes_from_the_inventory_and_the_stored_logins(
    province: Database, engineer: Actor
) -> None:
    with province.write() as session:
        secrets.put(session, engineer, "v2", "snmpv2c", {"community": "quiet-community"})
    with province.read() as session:
        known = process.known(session)
        row = inventory.get_device(session, engineer, "core-1")
    assert known.senders["10.250.0.1"] == Sender(row.device_key, row.scope_id)
    assert [user.username for user in known.users] == ["nms"]
    assert known.communities == ("quiet-community",)


def test_the_same_said_again_is_one_row_with_a_count_and_only_its_scope_sees_it(
    province: Database, admin: Actor
) -> None:
    with province.read() as session:
        core = inventory.get_device(session, admin, "core-1")
        commune = inventory.get_device(session, admin, "rtr-01")
    monitor = Monitor()
    catalogue = Catalogue()
    hint = catalogue.line("%LINK-3-UPDOWN: Interface eth4, changed state to down")
    told = catalogue.line("%SYS-5-CONFIG_I: Configured from console")
    assert hint is not None
    assert told is not None

    async def run() -> None:
        outbox = Outbox(province, monitor, merge_seconds=60, write_seconds=0.01)
        stopping = asyncio.Event()
        serving = asyncio.create_task(outbox.serve(stopping))
        sender = Sender(core.device_key, core.scope_id)
        outbox.put(sender, hint)
        await until(lambda: bool(monitor.asked))
        outbox.put(sender, hint)
        outbox.put(sender, told)
        await until(lambda: len(monitor.asked) == 2)
        stopping.set()
        await serving

    asyncio.run(run())
    assert monitor.asked == [f"interface:{core.device_key}:eth4"] * 2
    with province.read() as session:
        found = service.list_hints(session, admin, device="core-1", kind=HintKind.LINK_DOWN)
        (record,) = found.hints
        assert (record.device, record.count, record.is_verified) == ("core-1", 2, True)
        assert record.element == f"interface:{core.device_key}:eth4"
        assert record.text_vi == "Cổng mất kết nối"
        (kept,) = service.list_hints(session, admin, kind=HintKind.CONFIG_CHANGED).hints
        assert not kept.is_verified
        viewer = frozenset({Role.VIEWER}), frozenset({commune.scope_id})
        stranger = Actor(9, "xa", *viewer)
        assert service.list_hints(session, stranger).hints == ()
