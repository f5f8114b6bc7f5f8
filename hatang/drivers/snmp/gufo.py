"""Reads of SNMP agents by gufo-snmp: a second opinion, against which our engine is tested.

What an agent sends is not believed: the walk is our own, because the library's walks go on for
ever when OIDs do not increase (20,000 rows from a three-row agent were measured), and every call
has a deadline of its own, because datagrams that are not for us restart the library's wait.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from gufo.snmp import (
    NoSuchInstance,
    SnmpAuthError,
    SnmpDecodeError,
    SnmpEncodeError,
    SnmpError,
    SnmpVersion,
    User,
)
from gufo.snmp.aio import SnmpSession
from gufo.snmp.user import Aes128Key, KeyType, Sha1Key, Sha256Key

from hatang import clock
from hatang.drivers.failures import Rule, translated
from hatang.drivers.snmp.limits import SnmpLimits
from hatang.drivers.snmp.parts import poll_in_parts
from hatang.drivers.target import AuthProtocol, PrivProtocol, SnmpCommunity, SnmpUser
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence

    from hatang.drivers.snmp.readings import Query, Reading
    from hatang.drivers.target import SnmpLogin, Target
    from hatang.drivers.values import SnmpValue

T = TypeVar("T")
Work: TypeAlias = "Callable[[SnmpSession, _Call], Awaitable[T]]"

_RULES: Final[tuple[Rule, ...]] = (
    (SnmpAuthError, Reason.AUTH_FAILED),
    (SnmpDecodeError, Reason.PROTOCOL_ERROR),
    (SnmpEncodeError, Reason.PROTOCOL_ERROR),
    (SnmpError, Reason.PROTOCOL_ERROR),
    (ValueError, Reason.PROTOCOL_ERROR),
)
_AUTH: Final = {
    AuthProtocol.SHA: Sha1Key,
    AuthProtocol.SHA256: Sha256Key,
}
_PRIV: Final = {PrivProtocol.AES: Aes128Key}
# A GET of 58 instances stays below 1,472 bytes, one Ethernet frame.
_GET_CHUNK: Final = 50
# RFC 3414 section 2.2.3: a message is outside the time window after 150 s.
_REFRESH_SECONDS: Final = 120.0
_CANCEL_SECONDS: Final = 0.01


class _Call:
    """One call of a reader, which ends in time whatever the agent sends.

    One cancellation is not enough: Python 3.11's wait_for, on which the library waits, swallows
    it when a datagram arrives in the same turn of the loop (a quick agent kept us 2.5 s past a
    deadline of 0.3 s that way). So it is repeated, and no further request starts.
    """

    def __init__(self, retries: int) -> None:
        self._retries = retries
        self._stopped = False

    async def bounded(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Return what `work` returns, or raise TimeoutError after `seconds`."""
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        finally:
            self._stopped = True
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
        if not done:
            with suppress(asyncio.CancelledError):
                task.exception()  # what it raised on its way out is of no interest
            raise TimeoutError("no end within the time allowed")
        return task.result()

    async def retried(self, request: Callable[[], Awaitable[T]]) -> T:
        """Make `request`, and again when no reply comes; the last TimeoutError is raised."""
        for left in range(self._retries, -1, -1):
            if self._stopped:
                raise asyncio.CancelledError
            try:
                return await request()
            except TimeoutError:
                if left == 0:
                    raise
        raise AssertionError("the range above is never empty")


class GufoReader:
    """Reads one agent; fills the Protocol SnmpReader. One request at a time goes out.

    The session lives as long as it works; after an authentication failure (the agent's engine
    rebooted) it is made anew once.
    """

    def __init__(
        self,
        target: Target,
        login: SnmpLogin,
        limits: SnmpLimits | None = None,
    ) -> None:
        self._target = target
        self._login = login
        self._limits = limits or SnmpLimits()
        # Two calls at once on one session hang in the library.
        self._lock = asyncio.Lock()
        self._session: SnmpSession | None = None
        self._used_at = 0.0

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return those of `oids` the agent has, in the order asked.

        Raises:
            DriverError: TIMEOUT, AUTH_FAILED, REFUSED, UNREACHABLE or PROTOCOL_ERROR.
        """
        asked = [oid.lstrip(".") for oid in oids]
        found = await self._call("snmp.get", lambda session, call: _get(session, asked, call))
        return {oid: found[plain] for oid, plain in zip(oids, asked, strict=True) if plain in found}

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Walk each of `columns` and return its cells by index.

        Raises:
            DriverError: as `get`; PROTOCOL_ERROR also when OIDs do not increase or a column has
                more rows than allowed. Nothing of a broken walk is returned.
        """

        async def walk(session: SnmpSession, call: _Call) -> dict[str, dict[str, SnmpValue]]:
            return {
                column: await self._column(session, column.lstrip("."), max_repetitions, call)
                for column in columns
            }

        return await self._call("snmp.columns", walk)

    async def poll(self, query: Query) -> Reading:
        """Return all that can be read of `query`; what cannot has a gap that says why.

        Raises:
            DriverError: as `get`, when nothing at all can be read.
        """
        return await poll_in_parts(self, query)

    async def close(self) -> None:
        """Release the socket."""
        async with self._lock:
            self._session = None  # the library closes the socket with the object

    async def _call(self, name: str, work: Work[T]) -> T:
        with observe("driver", name), translated(self._target, name, _RULES):
            call = _Call(self._limits.retries)
            return await call.bounded(self._in_turn(work, call), self._limits.deadline_seconds)

    async def _in_turn(self, work: Work[T], call: _Call) -> T:
        async with self._lock:
            try:
                return await self._attempt(work, call)
            except SnmpAuthError:
                return await self._attempt(work, call)

    async def _attempt(self, work: Work[T], call: _Call) -> T:
        try:
            return await work(await self._ready(call), call)
        except BaseException:
            # After a time-out, a cancellation or a bad reply the state of the exchange is unknown.
            self._session = None
            raise

    async def _ready(self, call: _Call) -> SnmpSession:
        now = clock.monotonic()
        session = self._session
        if session is None:
            session = _session(self._target, self._login, self._limits)
            await call.retried(session.refresh)
        elif now - self._used_at > _REFRESH_SECONDS:
            await call.retried(session.refresh)
        self._session, self._used_at = session, now
        return session

    async def _column(
        self, session: SnmpSession, column: str, max_repetitions: int, call: _Call
    ) -> dict[str, SnmpValue]:
        rows: dict[str, SnmpValue] = {}
        last: tuple[int, ...] = ()
        walk = session.getbulk(column, max_repetitions)
        while True:
            try:
                oid, value = await call.retried(walk.__anext__)
            except (StopAsyncIteration, NoSuchInstance):
                return rows
            here = _numbers(oid)
            if not oid.startswith(f"{column}."):
                return rows
            self._check(column, oid, increasing=here > last, rows=len(rows))
            last = here
            if value is not None:
                rows[oid[len(column) + 1 :]] = value

    def _check(self, column: str, oid: str, *, increasing: bool, rows: int) -> None:
        if not increasing:
            message = f"{self._target}: OIDs below {column} do not increase at {oid}"
            raise DriverError(message, Reason.PROTOCOL_ERROR)
        if rows >= self._limits.rows:
            message = f"{self._target}: column {column} has more than {rows} rows"
            raise DriverError(message, Reason.PROTOCOL_ERROR)


async def _get(session: SnmpSession, oids: Sequence[str], call: _Call) -> dict[str, SnmpValue]:
    found: dict[str, SnmpValue] = {}
    for chunk in _chunks(oids):
        with suppress(NoSuchInstance):
            reply = await call.retried(partial(session.get_many, chunk))
            found.update({oid: value for oid, value in reply.items() if value is not None})
    return found


def _session(target: Target, login: SnmpLogin, limits: SnmpLimits) -> SnmpSession:
    if isinstance(login, SnmpCommunity):
        return SnmpSession(
            target.host,
            target.port,
            community=login.community,
            version=SnmpVersion.v2c,
            timeout=limits.request_seconds,
        )
    return SnmpSession(target.host, target.port, user=_user(login), timeout=limits.request_seconds)


def _user(login: SnmpUser) -> User:
    auth, priv = _AUTH.get(login.auth_protocol), _PRIV.get(login.priv_protocol)
    if auth is None or priv is None:
        message = f"{login.auth_protocol} with {login.priv_protocol} is not offered by this reader"
        raise DriverError(message, Reason.NOT_SUPPORTED)
    return User(
        login.username,
        auth_key=auth(login.auth_password.encode(), key_type=KeyType.Password),
        priv_key=priv(login.priv_password.encode(), key_type=KeyType.Password),
    )


def _chunks(oids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(oids), _GET_CHUNK):
        yield list(oids[start : start + _GET_CHUNK])


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in oid.split("."))
