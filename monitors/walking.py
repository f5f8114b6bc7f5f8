"""One table in one poll: what is asked of it, round by round, and what is made of the answers.

A walk of several columns brings as many rows in a datagram as naming their cells would, and it
shows by itself which rows there are. So tables are walked, those columns that are due; only of
one with more rows than are wanted are the cells asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.snmp.gaps import SILENT
from hatang.drivers.snmp.parts import SYS_UP_TIME
from hatang.errors import Reason
from monitors.known import instances, is_due
from monitors.samples import TableSample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.snmp import Column, Gap, Reading
    from monitors.known import Known
    from monitors.modules.plan import ColumnPlan, TablePlan
    from monitors.samples import Cells

__all__ = ["SYS_UP_TIME", "Account", "TablePoll"]

EMPTY_EVERY: Final = 100
"""How often a table without rows is looked at again."""

WALK_EVERY: Final = 10
"""After how many polls the rows of a table that is cut are looked at again."""

# What failed n times running is left alone for up to so many polls.
MOST_PATIENCE: Final = 32
MAX_CELLS: Final = 60_000
"""Most cells that are kept of a device."""

_NO_CELLS: Final[Cells] = {}


@dataclass(slots=True)
class Account:
    """What all tables of a poll share: when it is, what is missing, and how much was read."""

    now: int
    salt: int
    gaps: dict[str, Reason] = field(default_factory=dict)
    values: int = 0
    cells: int = 0


@dataclass(slots=True)
class TablePoll:
    """Asks for `walked` and `named` next, and for nothing more when both are empty."""

    planned: TablePlan
    known: Known
    account: Account
    walked: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    _asked: list[ColumnPlan] = field(default_factory=list)
    _by_name: list[ColumnPlan] = field(default_factory=list)
    _fresh: dict[str, Column] = field(default_factory=dict)
    _is_partial: bool = False

    def begin(self) -> None:
        """Choose what is asked for first."""
        known, now = self.known, self.account.now
        if known.patience.until > now:
            self.account.gaps[self.planned.table.name] = known.patience.reason
        elif known.walked is None:
            self._want(self._keys())
        elif not known.rows:
            if self._is_looked_at(known.walked):
                self._want(self._keys())
        elif known.is_cut:
            self._tell_cut()
            if now - known.walked >= max(WALK_EVERY, self.planned.key.every):
                self._want(self._keys())
            self._name(self._due())
        else:
            self._want(self._due())

    def take(self, reading: Reading, *, restarted: bool) -> None:
        """Keep what was read, and choose what is asked for next."""
        asked, named = self._asked, self._by_name
        fresh = self._fresh
        for oid in self.walked:
            column = fresh[oid] = reading.columns[oid]
            self.account.values += len(column.cells)
        self._asked, self._by_name, self.walked, self.named = [], [], [], []
        more: list[ColumnPlan] = []
        keys = self._keys()
        if restarted and self.known.patience.until <= self.account.now:
            self._want([key for key in keys if key.oid not in fresh])
        if any(key in asked for key in keys):
            more = self._learn(keys, is_whole=restarted)
            if self.planned.table.name in self.account.gaps and not self._is_partial:
                return
        for plan in named:
            self._settle_named(plan, reading)
        usual = not self._is_partial and not self.known.shunned
        for plan in asked:
            if not (usual and self._is_settled(plan)):
                self._settle(plan)
        self._want(more)

    def sample(self) -> TableSample | None:
        """Return what is shown: what was read now, and what was not due.

        A table whose rows are not known at all says nothing.
        """
        known, now = self.known, self.account.now
        is_missing = known.walked is None or self.planned.table.name in self.account.gaps
        if is_missing and not self._is_partial:
            return None
        columns = {}
        read = known.read
        for plan in self.planned.columns:
            name = plan.name
            cells = known.columns.get(name)
            if cells and now - read.get(name, now) <= 3 * plan.every:
                columns[name] = cells
        if self._is_partial:
            columns = {n: cells for n, cells in columns.items() if known.read.get(n, now) == now}
        return TableSample(columns)

    # What is asked for

    def _keys(self) -> tuple[ColumnPlan, ...]:
        planned = self.planned
        return planned.columns if planned.table.sparse else (planned.key,)

    def _due(self) -> list[ColumnPlan]:
        read, now, salt = self.known.read, self.account.now, self.account.salt
        return [c for c in self.planned.columns if c.every == 1 or is_due(c, read, now, salt)]

    def _is_looked_at(self, walked: int) -> bool:
        """Return whether a table that had no rows is looked at now."""
        now, key = self.account.now, self.planned.key
        if self.planned.table.rows == "dynamic":
            return is_due(key, self.known.read, now, self.account.salt)
        return now - walked >= max(EMPTY_EVERY, key.every)

    def _want(self, columns: Iterable[ColumnPlan]) -> None:
        sources = self.known.sources
        for plan in columns:
            if self.known.shunned and self._is_shunned(plan):
                continue
            self._asked.append(plan)
            found = sources.get(plan.name)
            if found is None:
                self.walked.append(plan.oid)
            else:
                self.walked += found

    def _is_shunned(self, plan: ColumnPlan) -> bool:
        patience = self.known.shunned.get(plan.name)
        if patience is None or patience.until <= self.account.now:
            return False
        self.known.drop(plan.name)
        self.account.gaps[f"{self.planned.table.name}.{plan.name}"] = patience.reason
        return True

    def _name(self, columns: Iterable[ColumnPlan]) -> None:
        for plan in columns:
            if plan not in self._asked:
                self._by_name.append(plan)
                for oid in self.known.sources.get(plan.name, (plan.oid,)):
                    self.named += instances(oid, self.known.rows)

    def _tell_cut(self) -> None:
        self.account.gaps[f"{self.planned.table.name}.rows"] = Reason.PROTOCOL_ERROR

    # What is made of the answers

    def _learn(self, keys: tuple[ColumnPlan, ...], *, is_whole: bool) -> list[ColumnPlan]:
        """Learn the rows from their keys, and return the columns that are to be read anew."""
        known, account, table = self.known, self.account, self.planned.table
        read = [(self._cells(key), self._gap(key)) for key in keys]
        gap = next((gap for _, gap in read if gap is not None), None)
        is_told = any(cells for cells, _ in read)
        if gap is not None and not (table.sparse and is_told):
            account.gaps[table.name] = gap.reason
            known.fail(account.now, gap.reason, MOST_PATIENCE)
            self._is_partial = is_told
            return []
        known.relent()
        rows = tuple(read[0][0]) if len(read) == 1 else _union(cells for cells, _ in read)
        known.is_cut = len(rows) > table.limit
        if known.is_cut:
            self._tell_cut()
            rows = rows[: table.limit]
        # The second walk comes early, by device, so that those of many do not fall together.
        known.walked = account.now - (account.salt % WALK_EVERY if known.walked is None else 0)
        is_changed = is_whole or rows != known.rows
        if not rows:
            known.forget()
        elif is_changed:
            known.rows = rows
            known.sources.clear()
            return [plan for plan in self.planned.columns if plan.oid not in self._fresh]
        return []

    def _is_settled(self, plan: ColumnPlan) -> bool:
        """Keep a column of which all is as usual, and return whether it was: nearly all are."""
        known, name = self.known, plan.name
        own = self._fresh.get(plan.oid)
        if own is None or own.gap is not None or known.sources.get(name) != (plan.oid,):
            return False
        cells, account = own.cells, self.account
        count = len(cells)
        if count != len(known.rows) or account.cells + count > MAX_CELLS:
            return False
        account.cells += count
        if known.columns.get(name) != cells:
            known.columns[name] = cells
        known.read[name] = account.now
        return True

    def _settle(self, plan: ColumnPlan) -> None:
        """Keep a walked column, filled up from the column that stands in for it."""
        known, rows = self.known, self.known.rows
        cells, gap = self._cells(plan), self._gap(plan)
        if not rows and not self._is_partial:
            known.read[plan.name] = self.account.now
            return
        if len(cells) != len(rows) and not self._is_partial:
            cells = {index: cells[index] for index in rows if index in cells}
            if self._is_filled_up(plan, cells):
                return
        if gap is None and known.sources.get(plan.name) is None and not self._is_partial:
            known.sources[plan.name] = self._sources(plan)
        self._keep(plan, cells, gap)

    def _is_filled_up(self, plan: ColumnPlan, cells: Cells) -> bool:
        """Return whether the column that stands in is asked for what is lacking."""
        known, other = self.known, plan.otherwise
        if other is None or other in self._fresh or len(cells) == len(known.rows):
            return False
        was_whole = len(known.columns.get(plan.name, _NO_CELLS)) == len(known.rows)
        if plan.name in known.sources and not was_whole:
            return False
        known.sources.pop(plan.name, None)
        self._asked.append(plan)
        self.walked.append(other)
        return True

    def _sources(self, plan: ColumnPlan) -> tuple[str, ...]:
        """Return by which OIDs a column is to be asked for from now on."""
        oids = (plan.oid,) if plan.otherwise is None else (plan.oid, plan.otherwise)
        return tuple(oid for oid in oids if oid in self._fresh and self._fresh[oid].cells)

    def _settle_named(self, plan: ColumnPlan, reading: Reading) -> None:
        known = self.known
        cells: Cells = {}
        gap: Gap | None = None
        for oid in reversed(known.sources.get(plan.name, (plan.oid,))):
            names = instances(oid, known.rows)
            given = reading.scalars
            pairs = zip(known.rows, names, strict=True)
            cells |= {index: given[name] for index, name in pairs if name in given}
            if reading.gaps:
                gap = next((reading.gaps[n] for n in names if n in reading.gaps), gap)
        self._keep(plan, {index: cells[index] for index in known.rows if index in cells}, gap)

    def _keep(self, plan: ColumnPlan, cells: Cells, gap: Gap | None) -> None:
        known, account = self.known, self.account
        part = f"{self.planned.table.name}.{plan.name}"
        account.cells += len(cells)
        if account.cells > MAX_CELLS:
            account.gaps[part] = Reason.PROTOCOL_ERROR
            known.drop(plan.name)
            return
        known.keep(plan.name, cells, account.now)
        if gap is None:
            known.shunned.pop(plan.name, None)
            return
        # What came before the gap is good; the column is asked for again, unless it costs time.
        del known.read[plan.name]
        if not cells:
            known.drop(plan.name)
        if self._is_partial and plan in self._keys():
            return  # the table is named as a whole
        account.gaps[part] = gap.reason
        if gap.reason in SILENT:
            known.shun(plan.name, account.now, gap.reason, MOST_PATIENCE)

    def _cells(self, plan: ColumnPlan) -> Cells:
        """Return the cells of a column, those that stand in for its own behind them."""
        own = self._fresh.get(plan.oid)
        if own is not None:
            cells = own.cells
        else:
            is_kept = self.planned.table.sparse and plan not in self._asked
            cells = self.known.columns.get(plan.name, _NO_CELLS) if is_kept else _NO_CELLS
        other = self._fresh.get(plan.otherwise) if plan.otherwise is not None else None
        if other is None or not other.cells:
            return cells
        return {**other.cells, **cells} if cells else other.cells

    def _gap(self, plan: ColumnPlan) -> Gap | None:
        own = self._fresh.get(plan.oid)
        if own is not None and own.gap is not None:
            return own.gap
        other = self._fresh.get(plan.otherwise) if plan.otherwise is not None else None
        return None if other is None else other.gap


def _union(columns: Iterable[Cells]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(index for cells in columns for index in cells))
