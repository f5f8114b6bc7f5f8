"""A whole query of one agent: scalars and tables in as few requests as it bears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.drivers.snmp.readings import Reading
from hatang.drivers.snmp.work import Getting, Walking

if TYPE_CHECKING:
    from hatang.drivers.snmp.codec import Column, Pdu
    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.pace import Pace
    from hatang.drivers.snmp.readings import Query
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.values import SnmpValue

# More scalars than this would leave too little room for rows in the first reply.
_RIDERS: Final = 12
MOST_STEPS: Final = 256
"""Answers of a poll that are kept, at most: 350 kB, those of a device of a thousand ports."""


class Step(NamedTuple):
    """A request, what it asked for, the answer, and the columns that had not ended with it."""

    template: Template
    names: list[str]
    walks: list[Column]
    answer: Pdu
    left: list[Column]


class Polling:
    """Scalars ride on the first request of the first table where they can, else go by GET."""

    def __init__(self, query: Query, rows: int) -> None:
        self._walking = Walking(query.tables, rows)
        scalars = list(dict.fromkeys(query.scalars))
        self._parts: list[Getting | Walking] = [self._walking]
        if query.tables and len(scalars) <= _RIDERS and all(map(_is_scalar, scalars)):
            self._walking.riders = scalars
        else:
            self._parts.insert(0, Getting(scalars))
        self._place = 0
        self._template: Template | None = None
        self._steps: list[Step] = []
        self._is_regular = query.repeats

    @property
    def steps(self) -> list[Step]:
        """Return all that was asked and answered of a query that repeats.

        Nothing when anything of it went wrong, or when it is too much to be kept.
        """
        return self._steps if self._is_regular else []

    def request(self, pace: Pace) -> Template | None:
        """Return the next request, None when all is done."""
        while self._place < len(self._parts):
            part = self._parts[self._place]
            template = self._template = part.request(pace)
            if template is not None:
                return template
            self._place += 1
            if part is self._walking and self._walking.riders:
                self._parts.append(Getting(self._walking.riders))
        return None

    def answer(self, pdu: Pdu, pace: Pace) -> None:
        """Hand an answer to the part that asked."""
        part, template = self._parts[self._place], self._template
        names, walks = part.asked
        is_taken = part.answer(pdu, pace) and len(self._steps) < MOST_STEPS
        if is_taken and self._is_regular and template is not None:
            self._steps.append(Step(template, names, walks, pdu, part.asked[1]))
        else:
            self._is_regular = False
            self._steps.clear()

    def silence(self, pace: Pace, *, last: bool) -> None:
        """Tell the part that asked."""
        self._is_regular = False
        self._parts[self._place].silence(pace, last=last)

    def skip(self, gap: Gap) -> bool:
        """Tell the part that asked; later parts are still left."""
        self._is_regular = False
        is_left = self._parts[self._place].skip(gap)
        return is_left or self._place + 1 < len(self._parts) or bool(self._walking.riders)

    def stop(self, gap: Gap) -> None:
        """Give everything that is still missing this gap."""
        self._is_regular = False
        for part in self._parts[self._place :]:
            part.stop(gap)
        if self._walking in self._parts[self._place :]:
            self._walking.gaps.update(dict.fromkeys(self._walking.riders, gap))

    def reading(self) -> Reading:
        """Return what came of it."""
        columns = self._walking.columns()
        scalars: dict[str, SnmpValue] = {}
        gaps: dict[str, Gap] = {}
        for part in self._parts:
            scalars.update(part.values)
            gaps.update(part.gaps)
        return Reading(scalars, columns, gaps)


def _is_scalar(name: str) -> bool:
    return name.endswith(".0")
