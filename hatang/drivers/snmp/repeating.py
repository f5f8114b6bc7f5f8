"""The same query again: almost always an agent answers as before but for a few values.

What was asked is kept as it was on the wire, and the answers as their frames, which agents that
answer alike share, and their values. An answer that differs from the one before in values alone
needs no walk: its rows increase and end where the ones before did. The first that differs in
anything else, or does not come, ends that, and the poll goes on as any other.
"""

from __future__ import annotations

from array import array
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.drivers.snmp.ber import oid_octets
from hatang.drivers.snmp.codec import Column, take
from hatang.drivers.snmp.frames import (
    OTHER,
    RENEWED,
    Frame,
    Fresh,
    Store,
    compare,
    framed,
    gather,
    texts_of,
)
from hatang.drivers.snmp.packed import PackedCells, packed
from hatang.drivers.snmp.polling import Polling
from hatang.drivers.snmp.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.snmp.codec import Pdu
    from hatang.drivers.snmp.frames import Renewed
    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.pace import Pace
    from hatang.drivers.snmp.packed import Cells
    from hatang.drivers.snmp.readings import Query
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.values import SnmpValue


class Part(NamedTuple):
    """One request, the instances it asked for, and the frame of what else was answered."""

    template: Template
    names: tuple[str, ...]
    frame: Frame


class Kept(NamedTuple):
    """What is the same in every reading of one column."""

    name: str
    prefix: bytes
    kind: int
    mixed: bool


class Script(NamedTuple):
    """What was asked and how it was answered; `limit` is the pace at which it was asked."""

    query: Query
    limit: int
    parts: tuple[Part, ...]
    columns: tuple[Kept, ...]


class Recording:
    """A whole poll without a fault: a script, and the values that were told last.

    Numbers that a column of its own holds stand in one array with those of all others.
    """

    __slots__ = ("_lent", "cells", "number", "script", "store", "texts")

    def __init__(self, script: Script, cells: list[Cells], answers: Sequence[Pdu]) -> None:
        self.script = script
        self.number = 0
        self.cells = cells
        self._lent: dict[str, Column] | None = None
        self.arrange(answers)

    def arrange(self, answers: Sequence[Pdu]) -> None:
        """Put the values where the next `answers` are compared with them."""
        numbers = array("Q")
        starts = []
        for cells in self.cells:
            starts.append(len(numbers))
            if isinstance(cells, PackedCells):
                numbers += cells.column()
        kinds = bytes([isinstance(cells, PackedCells) for cells in self.cells])
        self.store = Store(kinds, _starts(tuple(starts)), numbers)
        self._point(numbers)
        parts = zip(answers, self.script.parts, strict=True)
        self.texts = tuple([texts_of(pdu, part.frame, kinds) for pdu, part in parts])

    def renew(self, fresh: Fresh) -> dict[str, Cells]:
        """Take over numbers that differ; return the columns in which one does."""
        if 1 not in fresh.changed:
            return {}
        cells, starts = self.cells.copy(), self.store.starts
        renewed: dict[str, Cells] = {}
        for number, is_changed in enumerate(fresh.changed):
            if is_changed:
                places = cells[number].places  # type: ignore[union-attr] # only those have numbers
                found = cells[number] = PackedCells(places, fresh.numbers, starts[number])
                renewed[self.script.columns[number].name] = found
        self.cells = cells
        self.store = self.store._replace(numbers=fresh.numbers)
        self._point(fresh.numbers)
        return renewed

    def borrow(self, lent: dict[str, Column]) -> None:
        """Let cells that are put into the columns `lent` be those that are kept."""
        self._lent = lent

    def lend(self, every: list[Cells]) -> dict[str, Column]:
        """Return columns with the cells `every` as a walk would have left them.

        Cells that are put into them are kept, as long as no other poll renewed any.
        """
        lent: dict[str, Column] = {}
        for kept, cells in zip(self.script.columns, every, strict=True):
            column = lent[kept.name] = Column(kept.name, kept.prefix, 0)
            column.kind, column.mixed, column.done = kept.kind, kept.mixed, True
            column.cells = cells
        if every is self.cells:
            self.borrow(lent)
        return lent

    def settle(self) -> bool:
        """Take back what was lent; return whether it can be compared with what will come."""
        if self._lent is None:
            return True
        self.cells = [column.cells for column in self._lent.values()]
        self._lent = None
        numbers = self.store.numbers
        for cells, kind, start in zip(self.cells, self.store.kinds, self.store.starts, strict=True):
            if kind == 1:
                if not isinstance(cells, PackedCells):
                    return False
                numbers[start : start + len(cells)] = cells.column()
        self._point(numbers)
        return True

    def _point(self, numbers: array[int]) -> None:
        for cells, kind, start in zip(self.cells, self.store.kinds, self.store.starts, strict=True):
            if kind == 1 and cells.numbers is not numbers:  # type: ignore[union-attr] # likewise
                cells.move(numbers, start)  # type: ignore[union-attr] # likewise


@lru_cache(maxsize=1024)
def _starts(starts: tuple[int, ...]) -> tuple[int, ...]:
    """Return the one object of those that are equal."""
    return starts


@lru_cache(maxsize=1024)
def _shared(script: Script) -> Script:
    """Return the one script of those that are equal: agents of a kind share it."""
    return script


def recorded(query: Query, pace: Pace, polling: Polling, reading: Reading) -> Recording | None:
    """Return what is remembered of a poll, None when it is not worth it."""
    steps = polling.steps
    if not steps or not reading.whole:
        return None
    columns = list(reading.columns.values())
    numbers = {column.column: number for number, column in enumerate(columns)}
    rows = [0] * len(columns)
    parts = []
    for step in steps:
        mine = [numbers[walk.column] for walk in step.walks]
        prefixes = [walk.prefix for walk in step.walks]
        frame = framed(step.answer, prefixes, mine, [rows[number] for number in mine])
        if frame is None:
            return None
        for number, count in zip(mine, frame.counts, strict=True):
            rows[number] += count
        parts.append(Part(step.template, tuple(step.names), frame))
    if rows != [len(column.cells) for column in columns]:
        return None
    for column in columns:
        if _is_counted(column.cells):
            column.cells = packed(column.cells)
    kept = tuple(Kept(c.column, c.prefix, c.kind, c.mixed) for c in columns)
    script = _shared(Script(query, pace.limit, tuple(parts), kept))
    recording = Recording(script, [c.cells for c in columns], [step.answer for step in steps])
    recording.borrow(reading.columns)
    return recording


# Greater numbers are counters, which change at each poll.
_SMALL: Final = 2**16


def _is_counted(cells: Cells) -> bool:
    return any(value.__class__ is int and value > _SMALL for value in cells.values())


@lru_cache(maxsize=4096)
def _named(names: tuple[str, ...]) -> tuple[list[str], list[bytes]]:
    """Return instances with their octets; agents that are asked for the same share them."""
    return list(names), [oid_octets(name) for name in names]


class _Others(dict[int, "Renewed"]):
    """Copies of columns of which something else than a number differs, made when asked for."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __missing__(self, number: int) -> Renewed:
        prefix = self._recording.script.columns[number].prefix
        found = self[number] = prefix, dict(self._recording.cells[number])
        return found


class Repeating:
    """Asks what was asked before, as long as the answers are the same but for values."""

    def __init__(self, recording: Recording, rows: int, pace: Pace) -> None:
        self._recording = recording
        self._rows = rows
        self._answers: list[Pdu] = []
        self._starts: list[int] = []
        self._pace = pace
        self._values: dict[str, SnmpValue] = {}
        self._usual: Polling | None = None
        store = recording.store
        self._fresh = Fresh(store.numbers[:], bytearray(len(store.kinds)))
        self._others = _Others(recording)

    def recording(self, reading: Reading) -> Recording | None:
        """Return what is remembered of this poll, which ended with `reading`."""
        if self._usual is None:
            return self._recording
        return recorded(self._recording.script.query, self._pace, self._usual, reading)

    def request(self, pace: Pace) -> Template | None:
        """Return the next request, None when all is done."""
        if self._usual is not None:
            return self._usual.request(pace)
        parts, place = self._recording.script.parts, len(self._answers)
        return parts[place].template if place < len(parts) else None

    def answer(self, pdu: Pdu, pace: Pace) -> None:
        """Take an answer in; raises DecodeError."""
        if self._usual is not None:
            self._usual.answer(pdu, pace)
        elif not self._is_as_before(pdu):
            self._take_over().answer(pdu, pace)

    def silence(self, pace: Pace, *, last: bool) -> None:
        """Take note that no answer came."""
        self._take_over().silence(pace, last=last)

    def skip(self, gap: Gap) -> bool:
        """Give what was asked last this gap and return whether anything else is left."""
        return self._take_over().skip(gap)

    def stop(self, gap: Gap) -> None:
        """Give everything that is still missing this gap."""
        self._take_over().stop(gap)

    def reading(self) -> Reading:
        """Return what came of it."""
        if self._usual is not None:
            return self._usual.reading()
        recording = self._recording
        renewed = recording.renew(self._fresh)
        if self._others:
            recording.cells = recording.cells.copy()
            for number, (_, cells) in self._others.items():
                found = recording.cells[number] = packed(cells)
                renewed[recording.script.columns[number].name] = found
            recording.arrange(self._answers)
        lend = partial(recording.lend, recording.cells)
        reading = Reading(self._values, renewed=renewed, after=recording.number, lend=lend)
        recording.number = reading.number
        return reading

    def _is_as_before(self, pdu: Pdu) -> bool:
        place, start = len(self._answers), pdu.at
        recording = self._recording
        part = recording.script.parts[place]
        if pdu.status == 0 and self._are_riders_there(pdu, part):
            texts, store = recording.texts[place], recording.store
            found = compare(pdu, part.frame, texts, store, self._fresh)
            if found == RENEWED and not gather(pdu, part.frame, texts, store.kinds, self._others):
                found = OTHER
            if found != OTHER:
                self._answers.append(pdu)
                self._starts.append(start)
                return True
        pdu.at = start
        return False

    def _are_riders_there(self, pdu: Pdu, part: Part) -> bool:
        if not part.names:
            return True
        names, oids = _named(part.names)
        return take(pdu, oids, names, self._values) == len(names)

    def _take_over(self) -> Polling:
        """Return the usual poll, told of everything that was asked and answered until now."""
        if self._usual is None:
            usual = self._usual = Polling(self._recording.script.query, self._rows)
            usual.request(self._pace)
            for pdu, start in zip(self._answers, self._starts, strict=True):
                pdu.at = start
                usual.answer(pdu, self._pace)
                usual.request(self._pace)
        return self._usual
