"""What is asked of an agent, request by request: instances by GET, columns by GETBULK.

Nothing here knows of sockets or time; a session asks for the next request and hands in the
answer. A gap is the reason why something asked for did not come.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from hatang.drivers.snmp import requests
from hatang.drivers.snmp.ber import oid_octets
from hatang.drivers.snmp.codec import begun, fold, shared_row, standing, take
from hatang.drivers.snmp.gaps import Gap
from hatang.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.snmp.codec import Column, Pdu
    from hatang.drivers.snmp.pace import Pace
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.values import SnmpValue

# A GET of 50 instances stays below 1,472 octets, one Ethernet frame.
GET_CHUNK: Final = 50
# So many columns are walked side by side; more would leave no room for a row in a frame.
TABLE_CHUNK: Final = 24
# RFC 3416 section 3: error-status.
TOO_BIG: Final = 1
NO_SUCH_NAME: Final = 2
GENERAL_ERROR: Final = 5
_STATUS: Final = {
    NO_SUCH_NAME: "noSuchName",
    3: "badValue",
    4: "readOnly",
    GENERAL_ERROR: "genErr",
    6: "noAccess",
    13: "resourceUnavailable",
    16: "authorizationError",
}
_REFUSALS: Final = frozenset({6, 16})


class Work(Protocol):
    """One thing to do at one agent, in as many requests as it takes."""

    def request(self, pace: Pace) -> Template | None:
        """Return the next request, None when all is done."""
        ...

    def answer(self, pdu: Pdu, pace: Pace) -> object:
        """Take an answer in; raises DecodeError."""
        ...

    def silence(self, pace: Pace, *, last: bool) -> None:
        """Take note that no answer came; `last` says that one more try is left."""
        ...

    def skip(self, gap: Gap) -> bool:
        """Give what was asked last this gap and return whether anything else is left."""
        ...

    def stop(self, gap: Gap) -> None:
        """Give everything that is still missing this gap."""
        ...


def status_gap(status: int) -> Gap:
    """Return the gap an error-status other than noError and tooBig stands for."""
    reason = Reason.REJECTED if status in _REFUSALS else Reason.PROTOCOL_ERROR
    return Gap(reason, f"the agent answers {_STATUS.get(status, f'error-status {status}')}")


class Getting:
    """Whole instances, by GET; what the agent does not have stays absent."""

    def __init__(self, names: Sequence[str]) -> None:
        self.values: dict[str, SnmpValue] = {}
        self.gaps: dict[str, Gap] = {}
        self._chunks = deque(
            list(names[start : start + GET_CHUNK]) for start in range(0, len(names), GET_CHUNK)
        )

    @property
    def asked(self) -> tuple[list[str], list[Column]]:
        """Return the instances and columns of the request that was made last."""
        return (self._chunks[0] if self._chunks else []), []

    def request(self, pace: Pace) -> Template | None:
        """Return a GET of the next chunk, None when none is left."""
        if not self._chunks:
            return None
        return requests.get(tuple(map(oid_octets, self._chunks[0])))

    def answer(self, pdu: Pdu, pace: Pace) -> bool:
        """Take values and return whether all came.

        An instance the agent stumbles over is left out, and the rest asked for again.
        """
        names = self._chunks.popleft()
        if pdu.status == 0:
            count = take(pdu, [oid_octets(name) for name in names], names, self.values)
            if count == len(names):
                return True
            if count == 0:
                self._miss(names, Gap(Reason.PROTOCOL_ERROR, "the agent answers nothing"))
            else:
                self._chunks.appendleft(names[count:])
        elif pdu.status == TOO_BIG:
            self._split(names)
        elif 1 <= pdu.index <= len(names):
            culprit = names.pop(pdu.index - 1)
            if pdu.status != NO_SUCH_NAME:
                self._miss([culprit], status_gap(pdu.status))
            if names:
                self._chunks.appendleft(names)
        else:
            self._miss(names, status_gap(pdu.status))
        return False

    def silence(self, pace: Pace, *, last: bool) -> None:
        """Ask the same again."""

    def skip(self, gap: Gap) -> bool:
        """Miss the chunk that was asked last."""
        if self._chunks:
            self._miss(self._chunks.popleft(), gap)
        return bool(self._chunks)

    def stop(self, gap: Gap) -> None:
        """Miss what was not asked for yet."""
        for names in self._chunks:
            self._miss(names, gap)
        self._chunks.clear()

    def _split(self, names: list[str]) -> None:
        half = len(names) // 2
        if half == 0:
            self._miss(names, Gap(Reason.PROTOCOL_ERROR, "one value is too big for the agent"))
        else:
            self._chunks.extendleft((names[half:], names[:half]))

    def _miss(self, names: Sequence[str], gap: Gap) -> None:
        self.gaps.update(dict.fromkeys(names, gap))


class Walking:
    """Columns side by side, each at its own row, so that sparse and uneven ones come whole.

    `riders`, instances ending in `.0`, are asked for on the way, as non-repeaters of the first
    GETBULK; those left when all is done were not.
    """

    def __init__(self, tables: Sequence[Sequence[str]], rows: int, most: int = 25) -> None:
        self.walks: list[Column] = []
        self.gaps: dict[str, Gap] = {}
        self.values: dict[str, SnmpValue] = {}
        self.riders: list[str] = []
        self._ride = True
        self._most = most
        self._groups: deque[list[Column]] = deque()
        for columns in tables:
            walks = begun(_known(tuple(columns)), rows)
            self.walks += walks
            starts = range(0, len(walks), TABLE_CHUNK)
            self._groups.extend(walks[start : start + TABLE_CHUNK] for start in starts)
        self._active: list[Column] = []
        self._prefixes: tuple[bytes, ...] = ()
        self._repetitions = 0
        self._step = False

    @property
    def asked(self) -> tuple[list[str], list[Column]]:
        """Return the riders and columns of the request that was made last."""
        return (self.riders if self._ride and self._repetitions else []), self._active

    def request(self, pace: Pace) -> Template | None:
        """Return the request for the next rows, None when every column has ended."""
        while not self._active:
            if not self._groups:
                return None
            self._narrow(self._groups.popleft())
        active = self._active
        if self._step or not pace.bulk:
            self._repetitions = 0
            return requests.get_next(tuple(walk.prefix + walk.last for walk in active))
        self._repetitions = pace.repetitions(len(active), self._most)
        riders = self._riding()
        row = shared_row(active)
        if row is None:
            after = tuple(walk.prefix + walk.last for walk in active)
            return requests.ragged_bulk(riders, after, self._repetitions)
        return requests.get_bulk(riders, self._prefixes, row, self._repetitions)

    def answer(self, pdu: Pdu, pace: Pace) -> bool:
        """Take rows and return whether there was nothing wrong with the answer.

        A column the agent stumbles over ends with a gap, the others go on.
        """
        self._step = False
        if pdu.status != 0:
            self._refused(pdu, pace)
            return False
        names, _ = self.asked
        if names:
            count = take(pdu, [oid_octets(name) for name in names], names, self.values)
            self.riders = names[count:]
            if self.riders and count:
                return False  # the answer was cut before the rows
        count = fold(pdu, self._active)
        if count == 0:
            self._end(self._active, Gap(Reason.PROTOCOL_ERROR, "the agent answers nothing"))
        self._narrow(self._active)
        return count > 0 and not self.riders

    def silence(self, pace: Pace, *, last: bool) -> None:
        """Ask for fewer rows; with one try left, for one row by GETNEXT."""
        if self._repetitions:
            pace.shrink(self._repetitions)
            self._step = last

    def skip(self, gap: Gap) -> bool:
        """End the column that was asked last; of several, each is asked by itself from here on."""
        self._step = False
        if len(self._active) > 1:
            self._groups.extendleft([walk] for walk in reversed(self._active))
            self._active = []
        else:
            self._end(self._active, gap)
        self._narrow(self._active)
        return bool(self._groups)

    def stop(self, gap: Gap) -> None:
        """End every column that has not ended."""
        for group in (self._active, *self._groups):
            self._end(group, gap)
        self._groups.clear()
        self._narrow(self._active)

    def columns(self) -> dict[str, Column]:
        """Return what was read of each column."""
        for walk in self.walks:
            if walk.fault and walk.gap is None:
                walk.gap = Gap(Reason.PROTOCOL_ERROR, walk.fault)
        return {walk.column: walk for walk in self.walks}

    def _refused(self, pdu: Pdu, pace: Pace) -> None:
        if pdu.status == NO_SUCH_NAME and self._one(pdu.index):
            self._active[pdu.index - 1].done = True  # RFC 1157 section 4.1.3: nothing follows
        elif self._repetitions > 1:
            pace.shrink(self._repetitions)
        elif pdu.status == TOO_BIG and len(self._active) > 1:
            half = len(self._active) // 2
            self._groups.extendleft((self._active[half:], self._active[:half]))
            self._active = []
        elif self.riders and self._ride:
            self._ride = False
        elif self._one(pdu.index) and pdu.status != TOO_BIG:
            self._end([self._active[pdu.index - 1]], status_gap(pdu.status))
        else:
            self._end(self._active, status_gap(pdu.status))
        self._narrow(self._active)

    def _riding(self) -> tuple[bytes, ...]:
        return (
            tuple(oid_octets(name.removesuffix(".0")) for name in self.riders) if self._ride else ()
        )

    def _one(self, index: int) -> bool:
        ridden = bool(self.riders) and self._ride and self._repetitions > 0
        return not ridden and 1 <= index <= len(self._active)

    def _end(self, walks: Sequence[Column], gap: Gap) -> None:
        for walk in walks:
            if not walk.done:
                walk.done = True
                walk.gap = gap

    def _narrow(self, walks: list[Column]) -> None:
        left = standing(walks)
        if left is not self._active:
            self._active = left
            self._prefixes = tuple(walk.prefix for walk in left)


@lru_cache(maxsize=4096)
def _known(columns: tuple[str, ...]) -> list[tuple[str, bytes]]:
    return [(name, oid_octets(name)) for name in dict.fromkeys(columns)]
