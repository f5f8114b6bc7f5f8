"""What is known of one table of one agent between polls."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.drivers.snmp.packed import packed
from hatang.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import SnmpValue
    from monitors.modules.plan import ColumnPlan
    from monitors.samples import Cells


@lru_cache(maxsize=20_000)
def instances(oid: str, rows: tuple[str, ...]) -> tuple[str, ...]:
    """Return the instance of each row; devices with the same rows share the texts."""
    return tuple(f"{oid}.{index}" for index in rows)


def is_due(column: ColumnPlan, read: Mapping[str, int], now: int, salt: int) -> bool:
    """Return whether a column is to be read at the poll `now`; `read` says when it last was.

    `salt` differs from device to device, so that slow columns of many do not fall due together.
    """
    at = read.get(column.name)
    if at is None or column.every == 1:
        return True
    return now - at >= column.every or (now > at and (now + salt) % column.every == 0)


class Patience(NamedTuple):
    """Something that failed `failures` times running is left alone until the poll `until`."""

    until: int = 0
    failures: int = 0
    reason: Reason = Reason.OK

    def after(self, now: int, reason: Reason, most: int) -> Patience:
        """Return this after one failure more: each time twice as many polls go by."""
        return Patience(now + min(1 << self.failures, most), self.failures + 1, reason)


_FRESH = Patience()
# Nearly all tables of a device are empty: they share these, and what is kept goes into new ones.
_NO_SOURCES: Final[dict[str, tuple[str, ...]]] = {}
_NO_COLUMNS: Final[dict[str, Cells]] = {}
_NO_PATIENCE: Final[dict[str, Patience]] = {}


@dataclass(slots=True)
class Known:
    """The rows of a table, its last values, and how well it may be asked for.

    `walked` and `read` count polls. `is_cut` says that the table has more rows than are read of
    it. `sources` are the OIDs by which a column is asked for, once that is known: its own, the
    one that stands in, both, or none. `patience` is for the whole table, `shunned` for columns.
    """

    walked: int | None = None
    rows: tuple[str, ...] = ()
    is_cut: bool = False
    sources: dict[str, tuple[str, ...]] = field(default_factory=lambda: _NO_SOURCES)
    columns: dict[str, Cells] = field(default_factory=lambda: _NO_COLUMNS)
    read: dict[str, int] = field(default_factory=dict)
    patience: Patience = _FRESH
    shunned: dict[str, Patience] = field(default_factory=lambda: _NO_PATIENCE)

    def keep(self, column: str, cells: Cells, now: int) -> Cells:
        """Take over what was read of `column` and return it; equal ones stay the same object."""
        self.read[column] = now
        before = self.columns.get(column)
        if before is None:
            cells = _shared(cells)
        elif before is cells or before == cells:
            return before
        elif cells.__class__ is dict:
            cells = packed(cells)
        if not self.columns:
            self.columns = {}
        self.columns[column] = cells
        return cells

    def ask(self, column: str, oids: tuple[str, ...]) -> None:
        """Remember that `column` is asked for by `oids`."""
        if not self.sources:
            self.sources = {}
        self.sources[column] = _oids(oids)

    def drop(self, column: str) -> None:
        """Forget the values of `column`, so that it is read anew."""
        self.columns.pop(column, None)
        self.read.pop(column, None)

    def age(self, column: str, now: int) -> int:
        """Return how many polls ago `column` was read."""
        return now - self.read.get(column, now)

    def forget(self) -> None:
        """Forget all rows."""
        self.rows = ()
        self.is_cut = False
        self.read.clear()
        self.sources, self.columns, self.shunned = _NO_SOURCES, _NO_COLUMNS, _NO_PATIENCE

    def fail(self, now: int, reason: Reason, most: int) -> None:
        """Remember that the table failed."""
        self.patience = self.patience.after(now, reason, most)

    def shun(self, column: str, now: int, reason: Reason, most: int) -> None:
        """Remember that one column failed."""
        if not self.shunned:
            self.shunned = {}
        self.shunned[column] = self.shunned.get(column, _FRESH).after(now, reason, most)

    def relent(self) -> None:
        """Forget failures of the table."""
        self.patience = _FRESH


_SHARED_MOST: Final = 2**16
"""Greater numbers are counters, which no two devices have in common."""


def _shared(cells: Cells) -> Cells:
    """Return the one object that all devices hold whose column reads so when it is first read.

    States, names and errors of ports are alike on most devices of a kind.
    """
    for value in cells.values():
        if value.__class__ is int:
            if value > _SHARED_MOST:
                return packed(cells)
        elif value.__class__ is not bytes:  # 1.0 equals 1 and is something else
            return cells
    return _same(tuple(cells.items()))


@lru_cache(maxsize=4096)
def _oids(oids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one tuple of these that all devices hold."""
    return oids


@lru_cache(maxsize=4096)
def _same(cells: tuple[tuple[str, SnmpValue], ...]) -> Cells:
    return dict(cells)
