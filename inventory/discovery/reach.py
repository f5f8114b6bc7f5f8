"""The real transports of a run: ICMP, SNMP, and a look at the SSH host keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.icmp import IcmpPinger
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.ssh import SshLimits, scan
from hatang.drivers.target import SNMP_PORT, SSH_PORT, Target
from hatang.errors import DriverError

if TYPE_CHECKING:
    from hatang.drivers.protocols import Pinger
    from hatang.drivers.target import SnmpLogin
    from inventory.discovery.reading import Agent

# A device is asked once: a slow table costs its own deadline, a dead agent three requests.
_SNMP: Final = SnmpLimits(request_seconds=2.0, deadline_seconds=60.0, retries=2)
_SSH: Final = SshLimits(connect_seconds=3.0, banner_seconds=5.0, auth_seconds=5.0)


@dataclass(slots=True)
class NetworkTransports:
    """Fills Transports from the network; all agents of a run are read over one engine's sockets."""

    pinger: Pinger = field(default_factory=IcmpPinger)
    engine: Engine = field(default_factory=Engine)

    def reader(self, address: str, login: SnmpLogin) -> Agent:
        """Return a reader of the agent at `address`."""
        return self.engine.reader(Target(address, address, SNMP_PORT), login, _SNMP)

    def host_keys(self, address: str) -> tuple[str, ...]:
        """Return the key lines its SSH server shows; none when there is no server."""
        try:
            return tuple(str(key) for key in scan(Target(address, address, SSH_PORT), _SSH))
        except DriverError:
            return ()
