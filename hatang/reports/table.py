"""A table to report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell: TypeAlias = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `rows` may be a generator. Times are shown in `timezone`.

    A `note` (its source, when it was made) stands above the header.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    timezone: str = "Asia/Ho_Chi_Minh"
    note: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone times are shown in."""
        return ZoneInfo(self.timezone)
