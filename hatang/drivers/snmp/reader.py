"""Reads one agent through the shared engine; fills the Protocol SnmpReader."""

from __future__ import annotations

import asyncio
import socket
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from hatang import clock
from hatang.drivers.failures import translated
from hatang.drivers.snmp.limits import SnmpLimits
from hatang.drivers.snmp.pace import Pace
from hatang.drivers.snmp.parts import MOST_SILENCES
from hatang.drivers.snmp.polling import Polling
from hatang.drivers.snmp.repeating import Repeating, recorded
from hatang.drivers.snmp.security import Community
from hatang.drivers.snmp.session import Session, Way
from hatang.drivers.snmp.usm import UserSecurity
from hatang.drivers.snmp.work import Getting, Walking
from hatang.drivers.target import SnmpCommunity
from hatang.errors import DriverError, Reason
from hatang.metrics import OPERATION_SECONDS, OPERATIONS
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import Counter

    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.readings import Query, Reading
    from hatang.drivers.snmp.repeating import Recording
    from hatang.drivers.snmp.work import Work
    from hatang.drivers.target import SnmpLogin, Target
    from hatang.drivers.values import SnmpValue


# `observe` costs 13 µs, a tenth of a poll; these are the same metrics with their labels at hand.
_SECONDS: Final = OPERATION_SECONDS.labels("driver", "snmp.poll")


@cache
def counted(reason: Reason) -> Counter:
    """Return the counter of polls that ended so."""
    return OPERATIONS.labels("driver", "snmp.poll", reason)


class Host(Way, Protocol):
    """The engine, as a reader sees it."""

    def attach(self, reader: EngineReader) -> None:
        """Note that `reader` is in use, in the running loop."""
        ...

    def detach(self, reader: EngineReader) -> None:
        """Note that `reader` is closed."""
        ...


class EngineReader:
    """One agent; one request at a time goes out, whatever is asked at once."""

    def __init__(
        self, engine: Host, target: Target, login: SnmpLogin, limits: SnmpLimits | None = None
    ) -> None:
        self._engine = engine
        self._target = target
        self._limits = limits or SnmpLimits()
        bulk = not (isinstance(login, SnmpCommunity) and login.version == "1")
        security = Community(login) if isinstance(login, SnmpCommunity) else UserSecurity(login)
        self._pace = Pace(bulk=bulk)
        self._session = Session(engine, security, self._pace, self._limits)
        self._recording: Recording | None = None
        self._before: Query | None = None

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return those of `oids` the agent has, in the order asked.

        An instance the agent stumbles over is left out when others came.

        Raises:
            DriverError: TIMEOUT, AUTH_FAILED, REJECTED, UNREACHABLE or PROTOCOL_ERROR.
        """
        work = Getting([oid.removeprefix(".") for oid in oids])
        with observe("driver", "snmp.get"):
            gap = await self._do(work, "snmp.get")
            if gap is None and work.gaps and not work.values:
                gap = next(iter(work.gaps.values()))
            if gap is not None:
                raise self._error("snmp.get", gap)
        values = work.values
        return {oid: values[key] for oid in oids if (key := oid.removeprefix(".")) in values}

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Walk `columns` side by side and return the cells of each by index.

        Raises:
            DriverError: as `get`; PROTOCOL_ERROR also when identifiers do not increase or a
                column has more rows than allowed. Nothing of a broken walk is returned.
        """
        plain = [column.removeprefix(".") for column in columns]
        work = Walking([plain], self._limits.rows, max_repetitions)
        with observe("driver", "snmp.columns"):
            gap = await self._do(work, "snmp.columns")
            found = work.columns()
            gap = gap or next((each.gap for each in found.values() if each.gap), None)
            if gap is not None:
                raise self._error("snmp.columns", gap)
        return {name: dict(found[key].cells) for name, key in zip(columns, plain, strict=True)}

    async def poll(self, query: Query) -> Reading:
        """Return all that could be read of `query`; what could not has a gap that says why.

        Raises:
            DriverError: as `get`, when nothing at all could be read.
        """
        work = self._begun(query)
        began = clock.monotonic()
        gap = await self._do(work, "snmp.poll", MOST_SILENCES - 1)
        reading = work.reading()
        lost = gap is not None and not reading
        counted(gap.reason if gap and lost else Reason.OK).inc()
        _SECONDS.observe(clock.monotonic() - began)
        if gap is not None and lost:
            raise self._error("snmp.poll", gap)
        if query.repeats:
            self._remember(query, work, reading)
        return reading

    async def close(self) -> None:
        """Leave the engine; its sockets close with the last reader."""
        self._engine.detach(self)

    def _begun(self, query: Query) -> Polling | Repeating:
        known = self._recording
        if query.repeats and known is not None and known.script.query == query:
            self._recording = None  # one poll at a time may use it
            if known.script.limit == self._pace.limit and known.settle():
                return Repeating(known, self._limits.rows, self._pace)
        return Polling(query, self._limits.rows)

    def _remember(self, query: Query, work: Polling | Repeating, reading: Reading) -> None:
        """Keep a poll that is made again, or that the one before was already like."""
        found = None
        if isinstance(work, Repeating):
            found = work.recording(reading)
        elif query == self._before:
            found = recorded(query, self._pace, work, reading)
        self._recording = found or self._recording
        self._before = query if found is None else found.script.query  # equal ones are held once

    async def _do(self, work: Work, action: str, patience: int = 0) -> Gap | None:
        self._engine.attach(self)
        session = self._session
        if not session.address:
            with translated(self._target, action):
                await self._resolve()
        return await session.do(work, patience)

    async def _resolve(self) -> None:
        host, port = self._target.host, self._target.port
        try:
            found = socket.getaddrinfo(
                host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )
        except socket.gaierror:  # a name, for which a server must be asked
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(self._limits.deadline_seconds):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        self._session.family, self._session.address = found[0][0], found[0][4]

    def _error(self, action: str, gap: Gap) -> DriverError:
        return DriverError(f"{self._target}: {action} failed: {gap.detail}", gap.reason)
