"""Stand-ins for the transports, for tests of the packages above; they keep what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatang.drivers.protocols import CommandResult, PingResult, PublicKey, SipResult, SnmpValue
from hatang.drivers.snmp.parts import poll_in_parts
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.drivers.snmp.readings import Query, Reading


@dataclass(slots=True)
class FakeHostKeys:
    """Fills HostKeys from a mapping of (host, port)."""

    keys: dict[tuple[str, int], list[PublicKey]] = field(default_factory=dict)

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        """Return what was given for (host, port)."""
        return self.keys.get((host, port), [])


@dataclass(slots=True)
class FakeSsh:
    """Fills SshSession: `answers` by command; an unknown command ends with status 127.

    An answer may be text (status 0), a whole CommandResult, or a DriverError to raise.
    """

    answers: dict[str, str | CommandResult | DriverError] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    inputs: list[bytes | None] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    closed: bool = False

    def run(
        self, command: str, data: bytes | None = None, timeout_seconds: float = 30.0
    ) -> CommandResult:
        """Return the prepared answer to `command`."""
        _refuse_closed(closed=self.closed)
        self.commands.append(command)
        self.inputs.append(data)
        answer = self.answers.get(command)
        if answer is None:
            return CommandResult("", f"{command}: command not found", 127)
        if isinstance(answer, DriverError):
            raise answer
        return CommandResult(answer, "", 0) if isinstance(answer, str) else answer

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` as the file `path`."""
        _refuse_closed(closed=self.closed)
        self.files[path] = data

    def close(self) -> None:
        """Refuse everything from now on."""
        self.closed = True


@dataclass(slots=True)
class FakeCli:
    """Fills CliSession: `answers` by command; lines in `refused` are rejected."""

    answers: dict[str, str | DriverError] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    commands: list[str] = field(default_factory=list)
    configured: list[str] = field(default_factory=list)
    closed: bool = False

    def show(self, command: str) -> str:
        """Return the prepared answer; an unknown command is answered as devices do."""
        _refuse_closed(closed=self.closed)
        self.commands.append(command)
        answer = self.answers.get(command, f"% Unknown command: {command}")
        if isinstance(answer, DriverError):
            raise answer
        return answer

    def configure(self, lines: Sequence[str]) -> str:
        """Keep `lines` up to the first refused one."""
        _refuse_closed(closed=self.closed)
        for line in lines:
            if line in self.refused:
                raise DriverError(f"refused: {line}", Reason.REJECTED)
            self.configured.append(line)
        return "\n".join(lines)

    def close(self) -> None:
        """Refuse everything from now on."""
        self.closed = True


@dataclass(slots=True)
class FakeSnmp:
    """Fills SnmpReader from one mapping of instances; `failure` is raised instead when set."""

    values: dict[str, SnmpValue] = field(default_factory=dict)
    failure: DriverError | None = None
    asked: list[str] = field(default_factory=list)
    closed: bool = False

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return those of `oids` that have a value."""
        self._ask(oids)
        return {oid: self.values[oid] for oid in oids if oid in self.values}

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Return the cells of `columns`, by index in numeric order."""
        self._ask(columns)
        ordered = sorted(self.values, key=lambda oid: tuple(map(int, oid.split("."))))
        return {
            column: {
                oid[len(column) + 1 :]: self.values[oid]
                for oid in ordered
                if oid.startswith(f"{column}.")
            }
            for column in columns
        }

    async def poll(self, query: Query) -> Reading:
        """Return all that can be read of `query`; raises the failure."""
        return await poll_in_parts(self, query)

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _ask(self, oids: Sequence[str]) -> None:
        self.asked.extend(oids)
        if self.failure is not None:
            raise self.failure


@dataclass(slots=True)
class FakePing:
    """Fills Pinger: addresses in `alive` answer with that round-trip time, the others do not."""

    alive: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> Mapping[str, PingResult]:
        """Return `count` replies for what is alive."""
        self.asked.extend(addresses)
        return {
            address: PingResult(
                address, count, count if address in self.alive else 0, self.alive.get(address)
            )
            for address in addresses
        }


@dataclass(slots=True)
class FakeSip:
    """Fills SipProber: `answers` by URI; any other URI times out."""

    answers: dict[str, SipResult | DriverError] = field(default_factory=dict)

    async def options(self, uri: str, *, timeout_seconds: float = 4.0) -> SipResult:
        """Return or raise the prepared answer."""
        answer = self.answers.get(uri)
        if answer is None:
            raise DriverError(f"{uri}: no answer", Reason.TIMEOUT)
        if isinstance(answer, DriverError):
            raise answer
        return answer


def _refuse_closed(*, closed: bool) -> None:
    if closed:
        raise DriverError("the session is closed", Reason.PROTOCOL_ERROR)
