"""The SNMP engine of a process: all its readers share a few sockets, one timer, one window.

A datagram is an answer only if it comes from the address and port that were asked and carries
the id of a request still waited for. All others are dropped and counted.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from hatang.drivers.snmp.ber import DecodeError
from hatang.drivers.snmp.codec import read
from hatang.drivers.snmp.counts import Counts
from hatang.drivers.snmp.deadlines import Deadlines
from hatang.drivers.snmp.reader import EngineReader
from hatang.drivers.snmp.sockets import Sockets

if TYPE_CHECKING:
    from types import TracebackType

    from hatang.drivers.snmp.limits import SnmpLimits
    from hatang.drivers.snmp.session import Session
    from hatang.drivers.snmp.sockets import Address
    from hatang.drivers.target import SnmpLogin, Target

# RFC 3412 section 6.2: message ids are 0 to 2^31-1.
_IDS: Final = 2**31 - 1
# An answer that is not here after so many ticks holds no room in the receive buffer for others.
_ROOM_TICKS: Final = 5


class Line(NamedTuple):
    """What belongs to the event loop the engine runs in."""

    loop: asyncio.AbstractEventLoop
    sockets: Sockets
    deadlines: Deadlines


class Engine:
    """Shared by all readers of a process; it lives in one event loop.

    Sockets open with the first reader that asks and close with the last.
    """

    def __init__(self) -> None:
        self.counts = Counts()
        self._published = Counts()
        self._line: Line | None = None
        self._readers: set[EngineReader] = set()
        self._pending: dict[int, Session] = {}
        self._queue: deque[Session] = deque()
        self._id = secrets.randbelow(_IDS)
        self._window = 0
        self._flying = 0
        self._epoch = 0
        self._recent = [0] * _ROOM_TICKS

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def reader(
        self, target: Target, login: SnmpLogin, limits: SnmpLimits | None = None
    ) -> EngineReader:
        """Return a reader of one agent; it costs no socket of its own."""
        return EngineReader(self, target, login, limits)

    def close(self) -> None:
        """Close the sockets; who still waits for an answer gets none."""
        self._readers.clear()
        self._shut()

    def attach(self, reader: EngineReader) -> None:
        """Note that `reader` is in use, in the running loop."""
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            self._shut()
            sockets = Sockets(loop, self._received)
            self._line = Line(loop, sockets, Deadlines(loop, self._tick))
        self._readers.add(reader)

    def detach(self, reader: EngineReader) -> None:
        """Note that `reader` is closed."""
        self._readers.discard(reader)
        if not self._readers:
            self._shut()

    def now(self) -> float:
        """Return the loop's time."""
        return self._open().loop.time()

    def begin(self, session: Session) -> int:
        """Note that `session` awaits an answer, and return a request id of its own."""
        self._id = self._id % _IDS + 1
        self._pending[self._id] = session
        return self._id

    def end(self, session: Session, request_id: int) -> None:
        """Note that `session` awaits nothing any more under this id."""
        self._pending.pop(request_id, None)
        if session.counted >= 0:
            self._land(session)

    def launch(self, session: Session) -> None:
        """Call `transmit` of `session` as soon as there is room for its answer."""
        if session.counted >= 0:
            self._land(session)
        if session.queued:
            return
        if self._flying < self._window or not self._window:
            session.transmit()
        else:
            session.queued = True
            self._queue.append(session)

    def deliver(self, session: Session, datagram: bytes, until: float) -> None:
        """Send `datagram` now, and call `expired` when no answer came by `until`."""
        line = self._open()
        if session.counted >= 0:
            self._land(session)
        line.sockets.send(session.family, datagram, session.address)
        if not self._window:
            self._window = line.sockets.window(session.family)
        self.counts.sent += 1
        self._flying += 1
        self._recent[self._epoch % _ROOM_TICKS] += 1
        session.counted = self._epoch
        line.deadlines.add(session, until)

    def _open(self) -> Line:
        if self._line is None:
            raise RuntimeError("the engine is closed")
        return self._line

    def _received(self, datagram: bytes, address: Address) -> None:
        counts = self.counts
        try:
            message = read(datagram)
        except DecodeError as error:
            counts.malformed += 1
            self._blame(address, str(error))
            return
        session = self._pending.get(message.id)
        if session is None:
            counts.late += 1
        elif session.address != address and session.address[:2] != address[:2]:
            counts.foreign += 1
        elif session.answered(message):
            counts.answered += 1
        else:
            counts.refused += 1
        if self._queue:
            self._pump()

    def _blame(self, address: Address, detail: str) -> None:
        for session in self._pending.values():
            if session.address[:2] == address[:2]:
                session.complain(detail)

    def _land(self, session: Session) -> None:
        if session.counted > self._epoch - _ROOM_TICKS:
            self._flying -= 1
            self._recent[session.counted % _ROOM_TICKS] -= 1
        session.counted = -1

    def _tick(self) -> None:
        self._epoch += 1
        place = self._epoch % _ROOM_TICKS
        self._flying -= self._recent[place]
        self._recent[place] = 0
        self._published = self.counts.publish(self._published)
        self._pump()

    def _pump(self) -> None:
        queue = self._queue
        while queue and self._flying < self._window:
            session = queue.popleft()
            session.queued = False
            session.transmit()

    def _shut(self) -> None:
        if self._line is not None:
            self._line.sockets.close()
            self._line.deadlines.stop()
            self._line = None
        self._pending.clear()
        self._queue.clear()
        self._window = self._flying = 0
        self._recent = [0] * _ROOM_TICKS
