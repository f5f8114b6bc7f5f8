"""Walking tables of one agent: learning which rows there are, and keeping what can be read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from hatang.operations import classify
from monitors.known import is_due

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.protocols import SnmpReader
    from monitors.known import Known
    from monitors.modules.plan import ColumnPlan, TablePlan
    from monitors.samples import Cells

# SNMPv2-MIB sysUpTime (RFC 3418): what every agent has, so the cheapest proof that one answers.
SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
WALK_EVERY: Final = 10
"""After how many polls the rows of a stable table are looked at again."""

# A table that failed n times running is left alone for up to so many polls.
MOST_PATIENCE: Final = 32
# Columns in a poll that may run into the time allowed before the rest is given up.
MOST_TIMEOUTS: Final = 3
MAX_CELLS: Final = 60_000
"""Most cells that are kept of a device."""

# Failures that say the agent is not there, whatever it was asked for.
SILENT: Final = frozenset({Reason.TIMEOUT, Reason.AUTH_FAILED, Reason.REFUSED, Reason.UNREACHABLE})


@dataclass(slots=True)
class Walker:
    """Walks for one poll; `missing` are cells that a GET did not give though they were known.

    `values` is how many were read.
    """

    reader: SnmpReader
    now: int
    salt: int
    gaps: dict[str, Reason]
    missing: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    values: int = 0
    _cells: int = 0

    async def learn(self, planned: TablePlan, known: Known, *, whole: bool) -> None:
        """Walk the key column, and what is due or unknown of the rows it shows."""
        now = self.now
        name, sparse = planned.table.name, planned.table.sparse
        key = await self._walk(planned, known, planned.columns if sparse else [planned.key])
        if key is None:
            return
        rows = tuple(dict.fromkeys(index for cells in key.values() for index in cells))
        if len(rows) > planned.table.limit:
            self.gaps[f"{name}.rows"] = Reason.PROTOCOL_ERROR
            rows = rows[: planned.table.limit]
        changed = whole or rows != known.rows
        # The second walk comes early, by device, so that those of many do not fall together.
        known.walked = now - (self.salt % WALK_EVERY if known.walked is None else 0)
        known.rows = rows
        if not rows:
            known.forget()
            known.read[planned.key.name] = now
            return
        others = [c for c in planned.columns if c.name not in key]
        if not changed:
            others = [c for c in others if self._is_wanted(planned, known, c)]
        read = {**key, **((await self._walk(planned, known, others) or {}) if others else {})}
        stand_in = await self._stand_ins(planned, known, read)
        for column in planned.columns:
            if column.name in read:
                self._settle(
                    planned, known, column, (read[column.name], stand_in.get(column.name, {}))
                )

    async def _stand_ins(
        self, planned: TablePlan, known: Known, read: dict[str, Cells]
    ) -> dict[str, Cells]:
        """Walk the columns that stand in where those which were read lack rows."""
        wanted = [
            replace(column, oid=column.otherwise)
            for column in planned.columns
            if column.otherwise is not None
            and column.name in read
            and not read[column.name].keys() >= set(known.rows)
        ]
        gaps = dict(self.gaps)
        found = (await self._walk(planned, known, wanted) or {}) if wanted else {}
        if planned.table.name in self.gaps.keys() - gaps.keys():
            # The columns themselves were read: only what would have filled them up is missing.
            reason = self.gaps.pop(planned.table.name)
            self.gaps |= {f"{planned.table.name}.{column.name}": reason for column in wanted}
            known.relent()
        return found

    def _is_wanted(self, planned: TablePlan, known: Known, column: ColumnPlan) -> bool:
        """Return whether a column of unchanged rows is to be walked with their key."""
        if planned.is_stable or known.read.get(column.name) == self.now:
            return column.name not in known.read
        return is_due(column, known.read, self.now, self.salt)

    def _settle(
        self, planned: TablePlan, known: Known, column: ColumnPlan, both: tuple[Cells, Cells]
    ) -> None:
        """Keep a walked column, filled up from the column that stands in for it."""
        now, name = self.now, planned.table.name
        rows = known.rows
        cells, rest = both
        kept = {index: cells[index] for index in rows if index in cells}
        asked = [(column.oid, tuple(kept))]
        if column.otherwise is not None and rest:
            more = {index: rest[index] for index in rows if index in rest and index not in kept}
            asked.append((column.otherwise, tuple(more)))
            kept |= more
        unnamed = self.missing.get(name, {}).get(column.name, set())
        if unnamed & kept.keys():
            known.walk_only.add(column.name)
        known.asked[column.name] = tuple(
            (oid, rows if len(indexes) == len(rows) else indexes) for oid, indexes in asked
        )
        self._cells += len(kept)
        if self._cells > MAX_CELLS:
            self.gaps[f"{name}.{column.name}"] = Reason.PROTOCOL_ERROR
            return
        known.keep(column.name, kept, now)

    async def again(self, planned: TablePlan, known: Known, columns: Sequence[ColumnPlan]) -> None:
        """Walk `columns` of the known rows."""
        for name, cells in (await self._walk(planned, known, columns) or {}).items():
            kept = {index: cells[index] for index in known.rows if index in cells}
            known.keep(name, kept, self.now)

    async def _walk(
        self, planned: TablePlan, known: Known, columns: Sequence[ColumnPlan]
    ) -> dict[str, Cells] | None:
        """Walk `columns`; when that fails, each by itself. None when nothing was read."""
        wanted = {column.oid: column.name for column in columns}
        found = await self._columns(planned, known, wanted)
        if found is not None or len(wanted) == 1:
            return found
        known.relent()
        self.gaps.pop(planned.table.name, None)
        found = {}
        for oid, name in wanted.items():
            spent = sum(reason is Reason.TIMEOUT for reason in self.gaps.values())
            one = None
            if spent < MOST_TIMEOUTS:
                one = await self._columns(planned, known, {oid: name})
            self.gaps.pop(planned.table.name, None)
            if one is None:
                self.gaps[f"{planned.table.name}.{name}"] = known.reason
                known.drop(name)
            found |= one or {}
        if not found:
            self.gaps[planned.table.name] = known.reason
            return None
        known.relent()
        return found

    async def _columns(
        self, planned: TablePlan, known: Known, wanted: dict[str, str]
    ) -> dict[str, Cells] | None:
        try:
            reply = await self.reader.columns(tuple(wanted))
        except (DriverError, TimeoutError) as error:
            self.fail(planned, known, error)
            if known.reason in SILENT:
                await self.reader.get([SYS_UP_TIME])  # is it the table, or the whole agent?
            return None
        known.relent()
        self.values += sum(map(len, reply.values()))
        return {name: reply.get(oid) or {} for oid, name in wanted.items()}

    def fail(self, planned: TablePlan, known: Known, error: Exception) -> None:
        """Name a table as a gap, and leave it alone for some polls if it fails again."""
        self.gaps[planned.table.name] = classify(error)
        known.fail(self.now, classify(error), MOST_PATIENCE)
