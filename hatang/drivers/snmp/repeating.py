"""The same query again: almost always an agent answers as before but for a few values.

What was asked and answered is kept as it was on the wire. An answer that differs from the one
before in values alone needs no walk: its rows increase and end where the ones before did. The
first that differs in anything else, or does not come, ends that, and the poll goes on as any
other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from hatang.drivers.snmp.ber import oid_octets
from hatang.drivers.snmp.codec import renew, take
from hatang.drivers.snmp.polling import Polling
from hatang.drivers.snmp.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.snmp.codec import Column, Pdu
    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.pace import Pace
    from hatang.drivers.snmp.polling import Step
    from hatang.drivers.snmp.readings import Query
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.values import SnmpValue


class Part(NamedTuple):
    """One request, the instances and columns it asked for, and whether columns ended with it."""

    template: Template
    names: list[str]
    oids: list[bytes]
    walks: list[Column]
    is_last: bool


class Recording(NamedTuple):
    """A whole poll without a fault; `limit` is the pace at which it was asked."""

    query: Query
    limit: int
    parts: list[Part]
    answers: list[Pdu]
    columns: dict[str, Column]


def recorded(query: Query, pace: Pace, polling: Polling, reading: Reading) -> Recording | None:
    """Return what is remembered of a poll, None when it is not worth it."""
    steps = polling.steps
    if not steps or not reading.whole:
        return None
    return Recording(
        _shared(query), pace.limit, [_part(step) for step in steps],
        [step.answer for step in steps], reading.columns,
    )  # fmt: skip


def _part(step: Step) -> Part:
    names, oids = _named(tuple(step.names))
    return Part(step.template, names, oids, step.walks, step.walks is not step.left)


@lru_cache(maxsize=4096)
def _named(names: tuple[str, ...]) -> tuple[list[str], list[bytes]]:
    """Return instances with their octets; agents that are asked for the same share them."""
    return list(names), [oid_octets(name) for name in names]


@lru_cache(maxsize=1024)
def _shared(query: Query) -> Query:
    """Return the one query of those that ask for the same."""
    return query


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

    def recording(self, reading: Reading) -> Recording | None:
        """Return what is remembered of this poll, which ended with `reading`."""
        if self._usual is None:
            return self._recording
        return recorded(self._recording.query, self._pace, self._usual, reading)

    def request(self, pace: Pace) -> Template | None:
        """Return the next request, None when all is done."""
        if self._usual is not None:
            return self._usual.request(pace)
        parts, place = self._recording.parts, len(self._answers)
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
        columns = self._recording.columns
        _settle(columns.values(), is_kept=True)
        self._recording.answers[:] = self._answers
        return Reading(self._values, dict(columns))

    def _is_as_before(self, pdu: Pdu) -> bool:
        place, start = len(self._answers), pdu.at
        part, before = self._recording.parts[place], self._recording.answers[place]
        if pdu.status == 0:
            count = take(pdu, part.oids, part.names, self._values) if part.names else 0
            if count == len(part.names) and renew(pdu, before, part.walks, is_last=part.is_last):
                self._answers.append(pdu)
                self._starts.append(start)
                return True
        pdu.at = start
        return False

    def _take_over(self) -> Polling:
        """Return the usual poll, told of everything that was asked and answered until now."""
        if self._usual is None:
            _settle(self._recording.columns.values(), is_kept=False)
            usual = self._usual = Polling(self._recording.query, self._rows)
            usual.request(self._pace)
            for pdu, start in zip(self._answers, self._starts, strict=True):
                pdu.at = start
                usual.answer(pdu, self._pace)
                usual.request(self._pace)
        return self._usual


def _settle(walks: Iterable[Column], *, is_kept: bool) -> None:
    """Make what was renewed the cells of its column, or forget it."""
    for walk in walks:
        if walk.renewed is not None:
            if is_kept:
                walk.cells = walk.renewed
            walk.renewed = walk.store = None
