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
    from hatang.drivers.values import SnmpValue
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
    _fresh: Fresh = field(init=False)
    _is_partial: bool = False
    _is_usual: bool = True

    def __post_init__(self) -> None:
        self._fresh = Fresh()

    def begin(self) -> None:
        """Choose what is asked for first."""
        known, now = self.known, self.account.now
        if known.patience.until > now:
            self.account.gaps[self.planned.table.name] = known.patience.reason
        elif known.walked is None:
            self._want(self.keys)
        elif not known.rows:
            if _is_looked_at(self.planned, known, self.account):
                self._want(self.keys)
        elif known.is_cut:
            _tell_cut(self.planned, self.account)
            if now - known.walked >= max(WALK_EVERY, self.planned.key.every):
                self._want(self.keys)
            self._name(self._due())
        else:
            self._want(self._due())

    def take(self, reading: Reading, *, restarted: bool) -> None:
        """Keep what was read, and choose what is asked for next."""
        if not (self._asked or self._by_name or restarted):
            return
        if self._is_usual and not restarted and _are_taken(self, self._asked, reading):
            self._asked, self.walked = [], []
            return
        self._is_usual = False
        asked, named = self._asked, self._by_name
        fresh = self._fresh
        for oid in self.walked:
            column = fresh[oid] = reading.columns[oid]
            self.account.values += len(column.cells)
        self._asked, self._by_name, self.walked, self.named = [], [], [], []
        more: list[ColumnPlan] = []
        keys = self.keys
        if restarted and self.known.patience.until <= self.account.now:
            self._want([key for key in keys if key.oid not in fresh])
        if any(key in asked for key in keys):
            more = self._learn(keys, is_whole=restarted)
            if self.planned.table.name in self.account.gaps and not self._is_partial:
                return
        for plan in named:
            self._keep(plan, *_by_name(self.known, plan, reading))
        known = self.known
        usual = not self._is_partial and not known.shunned
        for plan in asked:
            if not (usual and _is_settled(plan, known, fresh, self.account)):
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
        sample = TableSample(_shown(self.planned, known, now))
        if self._is_partial:
            given = sample.columns.items()
            sample.columns = {n: cells for n, cells in given if known.read.get(n, now) == now}
        return sample

    @property
    def keys(self) -> tuple[ColumnPlan, ...]:
        """Return the columns that tell which rows there are."""
        planned = self.planned
        return planned.columns if planned.table.sparse else (planned.key,)

    def _due(self) -> list[ColumnPlan]:
        read, now, salt = self.known.read, self.account.now, self.account.salt
        return [c for c in self.planned.columns if c.every == 1 or is_due(c, read, now, salt)]

    def _want(self, columns: Iterable[ColumnPlan]) -> None:
        sources = self.known.sources
        for plan in columns:
            if self.known.shunned and _is_shunned(self, plan):
                continue
            self._asked.append(plan)
            found = sources.get(plan.name)
            self._is_usual = self._is_usual and found == (plan.oid,)
            self.walked += (plan.oid,) if found is None else found

    def _name(self, columns: Iterable[ColumnPlan]) -> None:
        for plan in columns:
            if plan not in self._asked:
                self._by_name.append(plan)
                for oid in self.known.sources.get(plan.name, (plan.oid,)):
                    self.named += instances(oid, self.known.rows)

    def _learn(self, keys: tuple[ColumnPlan, ...], *, is_whole: bool) -> list[ColumnPlan]:
        """Learn the rows from their keys, and return the columns that are to be read anew."""
        known, account, table = self.known, self.account, self.planned.table
        fresh = self._fresh
        # Of a sparse table not every column is due at once.
        read = [
            (
                fresh.cells(k) if k.oid in fresh else known.columns.get(k.name, _NO_CELLS),
                fresh.gap(k),
            )
            for k in keys
        ]
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
            _tell_cut(self.planned, self.account)
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

    def _settle(self, plan: ColumnPlan) -> None:
        """Keep a walked column, filled up from the column that stands in for it."""
        known, rows = self.known, self.known.rows
        cells, gap = self._fresh.cells(plan), self._fresh.gap(plan)
        if not rows and not self._is_partial:
            known.read[plan.name] = self.account.now
            return
        if len(cells) != len(rows) and not self._is_partial:
            if not cells.keys() <= set(rows):
                cells = {index: cells[index] for index in rows if index in cells}
            if self._is_filled_up(plan, cells):
                return
        if gap is None and known.sources.get(plan.name) is None and not self._is_partial:
            known.ask(plan.name, self._fresh.sources(plan))
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

    def _keep(self, plan: ColumnPlan, cells: Cells, gap: Gap | None) -> None:
        known, account = self.known, self.account
        part = f"{self.planned.table.name}.{plan.name}"
        account.cells += len(cells)
        if account.cells > MAX_CELLS:
            account.gaps[part] = Reason.PROTOCOL_ERROR
            known.drop(plan.name)
            return
        kept = known.keep(plan.name, cells, account.now)
        own = self._fresh.get(plan.oid)
        if own is not None and own.cells is cells:
            own.cells = kept
        if gap is None:
            known.shunned.pop(plan.name, None)
            return
        # What came before the gap is good; the column is asked for again, unless it costs time.
        del known.read[plan.name]
        if not cells:
            known.drop(plan.name)
        if self._is_partial and plan in self.keys:
            return  # the table is named as a whole
        account.gaps[part] = gap.reason
        if gap.reason in SILENT:
            known.shun(plan.name, account.now, gap.reason, MOST_PATIENCE)


class Fresh(dict[str, "Column"]):
    """The columns that were walked in this poll, by OID."""

    def cells(self, plan: ColumnPlan) -> Cells:
        """Return the cells of a column, those that stand in for its own behind them."""
        own = self.get(plan.oid)
        cells = own.cells if own is not None else _NO_CELLS
        other = self.get(plan.otherwise) if plan.otherwise is not None else None
        if other is None or not other.cells:
            return cells
        return {**other.cells, **cells} if cells else other.cells

    def gap(self, plan: ColumnPlan) -> Gap | None:
        """Return why a column, or the one that stands in for it, is not whole."""
        for oid in (plan.oid, plan.otherwise):
            column = self.get(oid) if oid is not None else None
            if column is not None and column.gap is not None:
                return column.gap
        return None

    def sources(self, plan: ColumnPlan) -> tuple[str, ...]:
        """Return by which OIDs a column gave something."""
        oids = (plan.oid,) if plan.otherwise is None else (plan.oid, plan.otherwise)
        return tuple(oid for oid in oids if oid in self and self[oid].cells)


def _is_shunned(poll: TablePoll, plan: ColumnPlan) -> bool:
    known, account = poll.known, poll.account
    patience = known.shunned.get(plan.name)
    if patience is None or patience.until <= account.now:
        return False
    known.drop(plan.name)
    account.gaps[f"{poll.planned.table.name}.{plan.name}"] = patience.reason
    return True


def _is_looked_at(planned: TablePlan, known: Known, account: Account) -> bool:
    """Return whether a table that had no rows is looked at now."""
    key = planned.key
    if planned.table.rows == "dynamic":
        return is_due(key, known.read, account.now, account.salt)
    return account.now - (known.walked or 0) >= max(EMPTY_EVERY, key.every)


def _tell_cut(planned: TablePlan, account: Account) -> None:
    account.gaps[f"{planned.table.name}.rows"] = Reason.PROTOCOL_ERROR


def _are_taken(poll: TablePoll, asked: list[ColumnPlan], reading: Reading) -> bool:
    """Keep columns whose rows are all known and whole, and return whether they were: most are.

    What this leaves is done step by step.
    """
    known, account, planned = poll.known, poll.account, poll.planned
    rows, key = len(known.rows), planned.key.name
    read = [(plan.name, reading.columns[plan.oid]) for plan in asked]
    total = rows * len(read)
    # The very cells from which the rows were learnt: the agent told nothing new of them.
    is_known = any(name == key and own.cells is known.columns.get(key) for name, own in read)
    if not (rows and is_known) or known.shunned or known.is_cut or planned.table.sparse:
        return False
    if account.cells + total > MAX_CELLS:
        return False
    if any(len(own.cells) != rows or own.gap is not None for _, own in read):
        return False
    for name, own in read:
        own.cells = known.keep(name, own.cells, account.now)
    account.values += total
    account.cells += total
    known.walked = account.now
    known.relent()
    return True


def _is_settled(plan: ColumnPlan, known: Known, fresh: Fresh, account: Account) -> bool:
    """Keep a column of which all is as usual, and return whether it was: nearly all are."""
    name = plan.name
    own = fresh.get(plan.oid)
    if own is None or own.gap is not None or known.sources.get(name) != (plan.oid,):
        return False
    cells = own.cells
    count = len(cells)
    if count != len(known.rows) or account.cells + count > MAX_CELLS:
        return False
    account.cells += count
    # Whoever read it shall know by the object that nothing changed, and hold it once only.
    own.cells = known.keep(name, cells, account.now)
    return True


def _by_name(known: Known, plan: ColumnPlan, reading: Reading) -> tuple[Cells, Gap | None]:
    """Return the cells of a column that was asked for by name."""
    rows, given = known.rows, reading.scalars
    cells: dict[str, SnmpValue] = {}
    gap: Gap | None = None
    for oid in reversed(known.sources.get(plan.name, (plan.oid,))):
        names = instances(oid, rows)
        cells |= {at: given[n] for at, n in zip(rows, names, strict=True) if n in given}
        if reading.gaps:
            gap = next((reading.gaps[n] for n in names if n in reading.gaps), gap)
    return {index: cells[index] for index in rows if index in cells}, gap


def _shown(planned: TablePlan, known: Known, now: int) -> dict[str, Cells]:
    """Return the columns that are not too old to be shown."""
    columns: dict[str, Cells] = {}
    if not known.columns:  # most tables of most devices
        return columns
    read = known.read
    for plan in planned.columns:
        cells = known.columns.get(plan.name)
        if cells and now - read.get(plan.name, now) <= 3 * plan.every:
            columns[plan.name] = cells
    return columns


def _union(columns: Iterable[Cells]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(index for cells in columns for index in cells))
