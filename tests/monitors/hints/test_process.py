"""The receiver as a whole, a monitor beside it: from the datagram to the state and the list."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from hatang import secrets
from hatang.settings import Settings
from inventory import service as inventory
from inventory.models import Device
from monitors.choices import ElementKind, State
from monitors.doubts import Doubts
from monitors.elements import Element
from monitors.hints import service
from monitors.hints.process import Receiver
from monitors.plane import PlaneServer
from monitors.targets import Targets
from tests.hatang.drivers.trapdatagrams import COMMUNITY, IF_INDEX, number, trap_v2, varbind
from tests.monitors.fakes import FakeDevice, target
from tests.monitors.running import listening, loop_over, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database
    from monitors.loop import Loop

OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"


@asynccontextmanager
async def monitoring(loop: Loop, path: Path) -> AsyncIterator[None]:
    doubts = Doubts(loop, 0.0)
    serving = asyncio.create_task(doubts.serve())
    try:
        async with listening(PlaneServer(loop, doubts), path):
            yield
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def receiving(settings: Settings, database: Database) -> AsyncIterator[Receiver]:
    receiver, stopping = Receiver(settings, database), asyncio.Event()
    running = asyncio.create_task(receiver.run(stopping))
    try:
        await until(lambda: receiver.is_ready or running.done(), 20)
        yield receiver
    finally:
        stopping.set()
        await running


@pytest.mark.slow
def test_a_trap_of_a_port_that_is_down_turns_its_state_and_is_listed(
    province: Database, engineer: Actor, admin: Actor, tmp_path: Path
) -> None:
    with province.write() as session:
        secrets.put(session, engineer, "traps", "snmpv2c", {"community": COMMUNITY.decode()})
        # An import refuses it: only a test sends from its own machine.
        at = update(Device).where(Device.name == "core-1")
        session.execute(at.values(primary_ip4="127.0.0.1"))
        key = inventory.get_device(session, engineer, "core-1").device_key
    given = {"traps": {"port": _free(socket.SOCK_DGRAM)}, "listen": {"port": _free()}}
    settings = Settings.model_validate({"data_dir": tmp_path, "receiver": given})
    port = Element(ElementKind.INTERFACE, key, "eth1")
    device = FakeDevice().ports(1)

    async def run() -> None:
        loop = loop_over(("core-1", device))
        await loop.apply(Targets((replace(target("core-1"), key=key),)))
        await loop.verify(port)
        async with (
            monitoring(loop, settings.monitors_socket),
            receiving(settings, province) as receiver,
        ):
            device.cells[OPER_STATUS]["1"] = 2
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(
                    trap_v2(varbind(IF_INDEX, number(1))), ("127.0.0.1", receiver.trap_port)
                )
            await until(lambda: loop.board.state(port).state is State.BAD)

    asyncio.run(run())
    with province.read() as reading:
        (hint,) = service.list_hints(reading, admin).hints
    assert (hint.device, hint.element, hint.is_verified) == ("core-1", port.key, True)


def _free(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
