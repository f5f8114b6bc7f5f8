"""What upper packages may ask of a device or server; fakes and transports fill these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hatang.drivers.values import SnmpValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.drivers.snmp.readings import Query, Reading

__all__ = [
    "CliSession",
    "CommandResult",
    "HostKeys",
    "Notification",
    "PingResult",
    "Pinger",
    "PublicKey",
    "SipProber",
    "SipResult",
    "SnmpReader",
    "SnmpValue",
    "SshSession",
]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An SSH public key: `kind` as on the wire (`ssh-ed25519`), `data` its base64 blob."""

    kind: str
    data: str

    def __str__(self) -> str:
        return f"{self.kind} {self.data}"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a remote command ended; `status` is its exit status, None when a signal ended it."""

    stdout: str
    stderr: str
    status: int | None

    @property
    def ok(self) -> bool:
        """Whether the command itself said that all went well."""
        return self.status == 0


@dataclass(frozen=True, slots=True)
class PingResult:
    """Echo requests and replies of one address; the times are None when nothing came back."""

    address: str
    sent: int
    received: int
    rtt_seconds: float | None
    rtt_min_seconds: float | None = None
    rtt_max_seconds: float | None = None
    jitter_seconds: float | None = None

    @property
    def loss_ratio(self) -> float | None:
        """Share of requests without a reply, 0 to 1; None when none could be sent."""
        return None if self.sent == 0 else 1 - self.received / self.sent


@dataclass(frozen=True, slots=True)
class SipResult:
    """The final answer to an OPTIONS request (RFC 3261 section 11).

    `has_video` is None when the answer carries no session description to tell by; then there are
    no `codecs` (names of RFC 4855's registry, in capitals) and no `max_kbps` (RFC 8866's `b=AS`).
    """

    code: int
    reason: str
    rtt_seconds: float
    user_agent: str = ""
    has_video: bool | None = None
    codecs: tuple[str, ...] = ()
    max_kbps: int | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """One SNMP trap or inform: who sent it, what kind it is, and its variables in order."""

    source: str
    trap_oid: str
    varbinds: tuple[tuple[str, SnmpValue], ...]
    user: str = ""


class HostKeys(Protocol):
    """The SSH host keys somebody enrolled; a key that was only seen is not among them."""

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        """Return the enrolled keys of `host`, empty when none is."""
        ...


class SshSession(Protocol):
    """Commands and files over one authenticated connection."""

    def run(
        self, command: str, data: bytes | None = None, timeout_seconds: float = 30.0
    ) -> CommandResult:
        """Run `command` with `data` on its standard input; raises DriverError."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """Write `data` to the remote file `path`, mode 0600; raises DriverError."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class CliSession(Protocol):
    """An interactive command line of a network device."""

    def show(self, command: str) -> str:
        """Return what `command` prints, free of control characters; raises DriverError."""
        ...

    def configure(self, lines: Sequence[str]) -> str:
        """Enter `lines` in configuration mode; raises DriverError REJECTED when one is refused."""
        ...

    def close(self) -> None:
        """Log out."""
        ...


class SnmpReader(Protocol):
    """Reads of one SNMP agent."""

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return the instances the agent has; raises DriverError."""
        ...

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Return each column's cells by index (the OID's rest, dotted); raises DriverError."""
        ...

    async def poll(self, query: Query) -> Reading:
        """Return all that can be read of `query`, in one conversation; gaps say what cannot.

        Raises DriverError when nothing at all can be read.
        """
        ...

    async def close(self) -> None:
        """Release the socket."""
        ...


class Pinger(Protocol):
    """Echo requests to many addresses at once."""

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> Mapping[str, PingResult]:
        """Return a result for every address asked for; an unreachable one has received 0."""
        ...


class SipProber(Protocol):
    """Asks a SIP element whether it answers."""

    async def options(self, uri: str, *, timeout_seconds: float = 4.0) -> SipResult:
        """Send OPTIONS to `uri` over UDP and return the final answer; raises DriverError."""
        ...
