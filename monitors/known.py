"""What is known of one table of one agent between polls."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from hatang.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from monitors.modules.plan import ColumnPlan
    from monitors.samples import Cells

Asked = tuple[tuple[str, tuple[str, ...]], ...]
"""By which OIDs a column's rows are asked for: its own, then the one that stands in."""


@lru_cache(maxsize=20_000)
def pairs(oid: str, indexes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return instance and index of each row; devices with the same rows share the texts."""
    return tuple((f"{oid}.{index}", index) for index in indexes)


def lacking(asked: Asked, cells: Cells) -> set[str]:
    """Return the rows that were asked for and have no cell."""
    if sum(len(indexes) for _, indexes in asked) == len(cells):
        return set()
    return {index for _, indexes in asked for index in indexes} - cells.keys()


def is_due(column: ColumnPlan, read: Mapping[str, int], now: int, salt: int) -> bool:
    """Return whether a column is to be read at the poll `now`; `read` says when it last was.

    `salt` differs from device to device, so that slow columns of many do not fall due together.
    """
    at = read.get(column.name)
    if at is None or column.every == 1:
        return True
    return now - at >= column.every or (now > at and (now + salt) % column.every == 0)


@dataclass(slots=True)
class Known:
    """The rows of a table, its last values, and how well it may be asked for.

    `walked` and `read` count polls; `walk_only` are columns of which a walk shows cells that a
    GET does not. A table that fails is left alone until the poll `patience`.
    """

    walked: int | None = None
    rows: tuple[str, ...] = ()
    asked: dict[str, Asked] = field(default_factory=dict)
    columns: dict[str, Cells] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    walk_only: set[str] = field(default_factory=set)
    patience: int = 0
    reason: Reason = Reason.OK
    _failures: int = 0

    def oids(self, columns: Iterable[ColumnPlan]) -> list[str]:
        """Return the instances of the known rows of `columns`."""
        return [
            full
            for column in columns
            for oid, indexes in self.asked.get(column.name, ())
            for full, _ in pairs(oid, indexes)
        ]

    def keep(self, column: str, cells: Cells, now: int) -> None:
        """Take over what was read of `column`; equal texts stay the same object."""
        if self.columns.get(column) != cells:
            self.columns[column] = cells
        self.read[column] = now

    def drop(self, column: str) -> None:
        """Forget the values of `column`, so that it is read anew."""
        self.columns.pop(column, None)
        self.read.pop(column, None)

    def age(self, column: str, now: int) -> int:
        """Return how many polls ago `column` was read."""
        return now - self.read.get(column, now)

    def forget(self) -> None:
        """Forget all rows."""
        self.asked.clear()
        self.columns.clear()
        self.read.clear()
        self.walk_only.clear()

    def fail(self, now: int, reason: Reason, most: int) -> None:
        """Remember a failure: after each one running, twice as many polls go by."""
        self.reason = reason
        self._failures += 1
        self.patience = now + min(1 << self._failures - 1, most)

    def relent(self) -> None:
        """Forget failures."""
        self._failures = self.patience = 0
