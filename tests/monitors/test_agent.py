"""The poll of a real agent over SNMPv3 authPriv."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hatang.errors import Reason
from monitors.board import Board, policies
from monitors.choices import Cause, State
from monitors.exposition import Exposition
from monitors.slots import Slots
from monitors.targets import DeviceTarget
from monitors.transports import NetworkTransports
from monitors.watch import DeviceWatch, Shared
from tests.monitors import agent
from tests.monitors.fakes import FakeDevice, FakeNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.drivers.target import SnmpLogin
    from monitors.samples import PollSample

pytestmark = pytest.mark.skipif(agent.program("snmpd") is None, reason="needs net-snmp's snmpd")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with agent.running(tmp_path) as found:
        yield found


def watch(port: int, login: SnmpLogin = agent.USER) -> DeviceWatch:
    real = NetworkTransports.of(1.0, 0, 10.0)
    network = replace(real, pinger=FakeNetwork({"127.0.0.1": FakeDevice()}))
    target = DeviceTarget(
        "k", "lab-device", "dc", "server", "frr", "127.0.0.1", snmp_port=port, snmp=login
    )
    return DeviceWatch(
        target, Shared(Board(policies(30)), Exposition(), network, Slots(9, 9), 1.0, 10.0)
    )


async def answered(one: DeviceWatch) -> PollSample:
    async with asyncio.timeout(15):
        while not (sample := await one.poll()).answered:
            await asyncio.sleep(0.05)
    return sample


@pytest.mark.slow
def test_a_real_agent_is_read_judged_and_exposed(port: int) -> None:
    async def run() -> tuple[PollSample, PollSample, str, State]:
        one = watch(port)
        first, second = await answered(one), await one.poll()
        state = one.shared.board.state(one.element).state
        return first, second, one.shared.exposition.page(), state

    first, second, page, state = asyncio.run(run())
    assert state is State.GOOD
    assert first.scalars["sysName"] == b"lab-device.test"
    loopback = next(
        i for i, name in first.tables["ifTable"].columns["ifName"].items() if name == b"lo"
    )
    assert second.tables["ifTable"].number("ifOperStatus", loopback) == 1
    assert second.tables["ifTable"].columns.keys() == first.tables["ifTable"].columns.keys()
    assert f'ifIndex="{loopback}",ifName="lo"' in page


@pytest.mark.slow
def test_a_wrong_password_is_told_from_silence(port: int) -> None:
    async def run() -> tuple[State, Cause]:
        await answered(watch(port))
        one = watch(port, replace(agent.USER, auth_password="wrong-password"))
        await one.poll()
        found = one.shared.board.state(one.element)
        return found.state, found.cause

    state, cause = asyncio.run(run())
    assert state is State.DEGRADED
    assert cause in {Cause.SNMP_AUTH_FAILED, Cause.SNMP_SILENT}


@pytest.mark.slow
def test_the_port_of_a_closed_agent_is_silent_and_its_device_still_there(tmp_path: Path) -> None:
    with agent.running(tmp_path) as port:
        pass
    one = watch(port)
    asyncio.run(one.poll())
    found = one.shared.board.state(one.element)
    assert (found.state, found.cause) == (State.DEGRADED, Cause.SNMP_SILENT)


@pytest.mark.slow
def test_an_agent_that_only_speaks_v2c_is_read_too(port: int) -> None:
    async def run() -> PollSample:
        return await answered(watch(port, agent.COMMUNITY))

    assert asyncio.run(run()).reason is Reason.OK
