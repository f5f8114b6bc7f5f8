"""Polls that ask what the one before asked, of an agent whose answers differ in values alone.

Nearly all polls of a quiet network are such. What was made of the one before then still holds but
for the columns in which something changed, until the poll at which something else is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from hatang.drivers.snmp.parts import SYS_UP_TIME
from monitors.samples import TableSample

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.snmp import Query, Reading
    from monitors.choosing import Choice
    from monitors.known import Known
    from monitors.modules.plan import ColumnPlan, Plan
    from monitors.samples import Renewed

numbers: Final = count(1)
"""Numbers of all polls of a process: by them who knows one sees whether another follows it."""


@dataclass(slots=True)
class Steady:
    """What holds until the poll `until`: the question, and what was shown of the answers.

    `places` are table and name of each column that is asked for, `scalars` the others; `values`
    counts what all columns hold; `number` is that of the poll shown, `read` that of its reading.
    """

    plan: Plan
    query: Query
    until: int
    places: Mapping[str, tuple[str, str]]
    scalars: list[ColumnPlan]
    tables: dict[str, TableSample]
    values: int
    number: int
    read: int

    def follow(
        self, reading: Reading, choice: Choice, tables: dict[str, Known]
    ) -> dict[str, Renewed] | None:
        """Take over what was read, and return what of it is new, by name.

        None where more than values differs, or the agent restarted.
        """
        given, renewed = reading.scalars, reading.renewed
        up_time, before = given.get(SYS_UP_TIME), choice.up_time
        if renewed is None or reading.after != self.read:
            return None
        if not isinstance(up_time, int) or before is None or up_time < before:
            return None
        for scalar in self.scalars:
            if scalar.oid not in given:
                return None
        choice.up_time = up_time
        self.read = reading.number
        found: dict[str, Renewed] = {}
        shown = self.tables
        if renewed:
            shown = self.tables = dict(shown)
        fresh: set[str] = set()
        for oid, cells in renewed.items():
            table, name = self.places[oid]
            if table not in fresh:
                fresh.add(table)
                shown[table] = TableSample(dict(shown[table].columns))
            tables[table].columns[name] = shown[table].columns[name] = cells  # type: ignore[index]
            found[name] = cells
        return found

    def tell(self, given: Mapping[str, SnmpValue], into: dict[str, SnmpValue]) -> Iterator[str]:
        """Put the scalars into `into` and yield the names of those that differ."""
        for scalar in self.scalars:
            value = given[scalar.oid]
            if into.get(scalar.name) != value:
                into[scalar.name] = value
                yield scalar.name

    def leave(self, now: int, tables: dict[str, Known]) -> None:
        """Note that everything that is asked for was read at the poll `now`."""
        keys = {
            (planned.table.name, column.name)
            for planned in self.plan.tables
            for column in (planned.columns if planned.table.sparse else (planned.key,))
        }
        for table, name in self.places.values():
            tables[table].read[name] = now
            if (table, name) in keys:
                tables[table].walked = now
