"""What is to be measured: devices and services as the poll loop sees them, free of the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from hatang.drivers.target import SnmpLogin
    from monitors.probes.result import Options

_BY_PRIORITY: Final = (
    ("core", "hub", "firewall"),
    ("bridge", "registrar", "server", "hypervisor", "storage", "load-balancer", "waf", "ups"),
    ("commune-router", "router", "switch"),
)
_PRIORITIES: Final = {role: place for place, roles in enumerate(_BY_PRIORITY) for role in roles}


@dataclass(frozen=True, slots=True)
class CircuitEnd:
    """The port at which a circuit begins, and the rates that were committed, in kbit/s.

    `commit_rate_kbps` is for what leaves at the port, `upstream_rate_kbps` for what comes in.
    """

    cid: str
    interface: str
    commit_rate_kbps: int
    upstream_rate_kbps: int


@dataclass(frozen=True, slots=True)
class DeviceTarget:
    """A device to poll: `key` is its stable name in series and states, `name` the shown one.

    `snmp` is None when nobody gave it a usable credential: then it is only pinged.
    `interfaces` are those the inventory intends to be up, `uplinks` the keys of the devices of
    which one must be up for it to be reached (none where that is not known). `level` is the
    highest of the information systems that run on it, 0 where none has one; `circuits` are the
    lines that begin at one of its ports.
    """

    key: str
    name: str
    site: str
    role: str
    platform: str
    address: str
    scope_id: int | None = None
    snmp_port: int = 161
    snmp: SnmpLogin | None = None
    interfaces: frozenset[str] = frozenset()
    uplinks: frozenset[str] = frozenset()
    level: int = 0
    circuits: tuple[CircuitEnd, ...] = ()

    @property
    def priority(self) -> int:
        """Return how much others depend on it, 0 the most: who is polled when not all can be."""
        return _PRIORITIES.get(self.role, len(_BY_PRIORITY))


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """One probe of a service: `probe` names the probe, `url` what it is aimed at.

    `name` is the probe's own among those of its service. `period_seconds` is how often it is
    made, None for the monitor's period; `options` None for the probe's own defaults. `level` is
    the service's information-system level and `tier` its place in the order of restoring.
    """

    code: str
    probe: str
    url: str
    scope_id: int | None = None
    name: str = ""
    period_seconds: float | None = None
    options: Options | None = None
    level: int | None = None
    tier: int | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.name or self.probe}"


@dataclass(frozen=True, slots=True)
class Targets:
    """Everything one monitor measures."""

    devices: tuple[DeviceTarget, ...] = ()
    services: tuple[ServiceTarget, ...] = field(default=())


def bucket(key: str, count: int) -> int:
    """Return which of `count` parts `key` belongs to: the same on every machine and day."""
    return crc32(key.encode()) % count
