"""The real transports of a monitor: the fakes of tests stand in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hatang.drivers.icmp import IcmpPinger
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.target import Target

if TYPE_CHECKING:
    from hatang.drivers.protocols import Pinger, SnmpReader
    from monitors.targets import DeviceTarget


@dataclass(frozen=True, slots=True)
class NetworkTransports:
    """Pings with ICMP and reads SNMP as the credential says; fills the Protocol Transports."""

    pinger: Pinger
    limits: SnmpLimits
    engine: Engine

    @classmethod
    def of(cls, timeout_seconds: float, retries: int, deadline_seconds: float) -> NetworkTransports:
        """Return transports that wait so long for one reply and for a whole poll."""
        limits = SnmpLimits(
            request_seconds=timeout_seconds, deadline_seconds=deadline_seconds, retries=retries
        )
        return cls(IcmpPinger(), limits, Engine())

    def snmp(self, target: DeviceTarget) -> SnmpReader | None:
        """Return a new reader of `target`, None when it has no usable login."""
        if target.snmp is None:
            return None
        where = Target(target.key, target.address, target.snmp_port)
        return self.engine.reader(where, target.snmp, self.limits)
