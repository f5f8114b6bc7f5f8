"""Devices that answer as they are told, at the outermost edge of the monitors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hatang.drivers.protocols import PingResult, SipResult, SnmpValue
from hatang.drivers.snmp.parts import poll_in_parts
from hatang.drivers.target import SnmpUser
from hatang.errors import DriverError, Reason
from monitors.board import Board, policies
from monitors.exposition import Exposition
from monitors.modules.plan import compile_plan
from monitors.modules.schema import Module
from monitors.slots import Slots
from monitors.targets import DeviceTarget
from monitors.watch import DeviceWatch, Shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from hatang.drivers.snmp import Query, Reading
    from monitors.modules.plan import Plan

USER = SnmpUser("nms", "auth-password", "priv-password")
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
ADMIN_STATUS = "1.3.6.1.2.1.2.2.1.7"
OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"
IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
UP_TIME = "1.3.6.1.2.1.1.3.0"
OSPF_STATE = "1.3.6.1.2.1.14.10.1.6"
OSPF_ADMIN = "1.3.6.1.2.1.14.1.2.0"


@dataclass
class FakeDevice:
    """What a device has; `echo` and `agent` are whether it answers ping and SNMP."""

    echo: bool = True
    agent: bool = True
    failure: Reason = Reason.TIMEOUT
    scalars: dict[str, SnmpValue] = field(default_factory=lambda: {UP_TIME: 1000, OSPF_ADMIN: 1})
    cells: dict[str, dict[str, SnmpValue]] = field(default_factory=dict)
    pings: int = 0
    gets: int = 0
    walks: int = 0
    polls: int = 0
    lost: int = 0
    patience: list[float] = field(default_factory=list)

    def ports(self, count: int) -> FakeDevice:
        """Give the device `count` ports that are up."""
        rows = [str(n) for n in range(1, count + 1)]
        self.cells |= {
            IF_NAME: {n: f"eth{n}".encode() for n in rows},
            ADMIN_STATUS: dict.fromkeys(rows, 1),
            OPER_STATUS: dict.fromkeys(rows, 1),
            IN_OCTETS: {n: int(n) * 1000 for n in rows},
        }
        return self

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        self.gets += 1
        self._answer()
        flat = dict(self.scalars)
        for column, cells in self.cells.items():
            flat |= {f"{column}.{index}": value for index, value in cells.items()}
        return {oid: flat[oid] for oid in oids if oid in flat}

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        self.walks += 1
        self._answer()
        return {column: dict(self.cells.get(column, {})) for column in columns}

    async def poll(self, query: Query) -> Reading:
        self.polls += 1
        return await poll_in_parts(self, query)

    async def close(self) -> None:
        return

    def _answer(self) -> None:
        if not self.agent:
            raise DriverError("no answer", self.failure)


@dataclass
class FakeNetwork:
    """Fills Transports and Pinger for devices by address."""

    devices: dict[str, FakeDevice]

    @property
    def pinger(self) -> FakeNetwork:
        return self

    def snmp(self, target: DeviceTarget) -> FakeDevice | None:
        return self.devices[target.address] if target.snmp else None

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        for address in addresses:
            self.devices[address].patience.append(timeout_seconds)
        return {address: self._one(address, count) for address in addresses}

    def _one(self, address: str, count: int) -> PingResult:
        device = self.devices[address]
        device.pings += 1
        if device.lost:
            device.lost -= 1
            return PingResult(address, count, 0, None)
        if not device.echo:
            return PingResult(address, count, 0, None)
        return PingResult(address, count, count, 0.001)


class FakeSip:
    """Answers every OPTIONS with `code`."""

    def __init__(self, code: int = 200) -> None:
        self.code = code
        self.asked: list[str] = []

    async def options(self, uri: str, *, timeout_seconds: float = 4.0) -> SipResult:
        self.asked.append(uri)
        return SipResult(self.code, "", 0.001)


def target(name: str = "core-1", *, interfaces: Sequence[str] = ()) -> DeviceTarget:
    """Return a device target with the address of the same name."""
    return DeviceTarget(
        key=f"key-{name}",
        name=name,
        site="dc",
        role="core",
        platform="frr",
        address=name,
        scope_id=1,
        snmp=USER,
        interfaces=frozenset(interfaces),
    )


def shared(*devices: tuple[str, FakeDevice]) -> Shared:
    """Return what watches of these devices share, with a re-probe that does not wait."""
    return Shared(
        Board(policies(30.0)),
        Exposition(),
        FakeNetwork(dict(devices)),
        Slots(50, 50),
        reprobe_seconds=0.0,
    )


def watch(device: FakeDevice, *, interfaces: Sequence[str] = ("eth1", "eth2")) -> DeviceWatch:
    """Return a watch of `device`."""
    return DeviceWatch(target(interfaces=interfaces), shared(("core-1", device)))


def only_module(monkeypatch: pytest.MonkeyPatch, module: dict[str, Any]) -> Plan:
    """Let every device be read by this one module, and return the plan it gives."""
    made = compile_plan([Module.model_validate(module)])

    async def choose(*_: object) -> Plan:
        return made

    monkeypatch.setattr("monitors.collect.choose", choose)
    return made
