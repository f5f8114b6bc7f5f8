from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import select

from hatang import secrets
from hatang.drivers.target import SnmpUser
from hatang.settings import Listen, Settings
from hatang.settings.model import MonitorsSettings
from inventory import service as inventory
from monitors.choices import ElementKind, State
from monitors.client import MonitorClient
from monitors.elements import Element
from monitors.models import ElementRow
from monitors.process import Monitor
from tests.monitors.conftest import SNMP
from tests.monitors.fakes import FakeDevice, FakeNetwork
from tests.monitors.running import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database


def settings(data_dir: Path) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = MonitorsSettings(
        period_seconds=0.2, timeout_seconds=0.1, listen=Listen(host="127.0.0.1", port=port)
    )
    return Settings(data_dir=data_dir, monitors=own)


def network() -> FakeNetwork:
    return FakeNetwork({ip: FakeDevice().ports(2) for ip in ("10.250.0.1", "10.250.1.1")})


@asynccontextmanager
async def running(monitor: Monitor) -> AsyncIterator[MonitorClient]:
    stopping = asyncio.Event()
    task = asyncio.create_task(monitor.run(stopping))
    path = monitor.settings.monitors_socket
    await until(lambda: path.exists() or task.done())
    try:
        yield MonitorClient(path)
    finally:
        stopping.set()
        await task


def logins(monitor: Monitor) -> set[str]:
    """Return the users with whom its devices are read."""
    watches = monitor.loop._devices.values()
    users = (watch.target.snmp for watch in watches)
    return {user.username for user in users if isinstance(user, SnmpUser)}


def written(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {row.element: row.state for row in session.scalars(select(ElementRow))}


@pytest.mark.slow
def test_a_monitor_polls_serves_and_has_written_everything_when_it_stops(
    province: Database, data_dir: Path
) -> None:
    async def run() -> str:
        monitor = Monitor.build(settings(data_dir), province, network())
        async with running(monitor):
            await until(lambda: len(list(monitor.loop.board.states())) >= 5)
            listen = monitor.settings.monitors.listen
            async with httpx.AsyncClient() as web:
                page = await web.get(f"http://{listen}/metrics/shard/0?of=1")
        return page.text

    page = asyncio.run(run())
    assert 'ifHCInOctets{instance="' in page
    states = written(province)
    assert [s for key, s in states.items() if key.startswith("device:")] == ["good", "good"]
    assert len([key for key in states if key.startswith("interface:")]) == 2


def test_a_rename_and_a_restart_keep_what_is_known(
    province: Database, data_dir: Path, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.process.RELOAD_SECONDS", 0.02)
    with province.read() as session:
        device = inventory.get_device(session, engineer, "core-1")
    element = Element(ElementKind.DEVICE, device.device_key)

    async def run() -> None:
        first = Monitor.build(settings(data_dir), province, network())
        async with running(first):
            await until(lambda: first.loop.board.state(element).state is State.GOOD)
            with province.write() as session:
                inventory.rename_device(session, engineer, "core-1", "core-one")
            await until(lambda: 'device="core-one"' in first.exposition.page())
        since = first.loop.board.state(element).since
        second = Monitor.build(settings(data_dir), province, FakeNetwork({}))
        await second._restore()
        assert second.loop.board.state(element).state is State.GOOD
        assert second.loop.board.state(element).since == since

    asyncio.run(run())


def test_a_changed_credential_is_used_without_waiting(
    province: Database, data_dir: Path, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.process.RELOAD_SECONDS", 0.02)

    async def run() -> None:
        monitor = Monitor.build(settings(data_dir), province, network())
        async with running(monitor):
            with province.write() as session:
                fields = {**SNMP, "username": "other"}
                secrets.put(session, engineer, "lab-snmp", "snmpv3", fields)
            await until(lambda: logins(monitor) == {"other"})

    asyncio.run(run())


def test_a_line_of_probes_that_is_written_is_used_without_waiting(
    province: Database, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitors.process.RELOAD_SECONDS", 0.02)

    async def run() -> None:
        monitor = Monitor.build(settings(data_dir), province, network())
        async with running(monitor):
            own = data_dir / "probes"
            own.mkdir()
            (own / "a.yaml").write_text(
                "- {name: own, probe: tcp, services: {code: '*'}, url: 'tcp://192.0.2.1:1'}"
            )
            await until(lambda: "own" in probed(monitor))

    asyncio.run(run())


def probed(monitor: Monitor) -> set[str]:
    watches = monitor.loop._services.values()
    return {target.name for watch in watches for target in watch.targets}
