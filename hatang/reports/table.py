"""A table to report, and what makes a text harmless in a spreadsheet."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell: TypeAlias = str | int | float | bool | date | datetime | None

# What makes spreadsheets take a text for a formula (OWASP, "CSV Injection"); a full-width sign
# counts as its ASCII form, and some programs skip white space first.
_TRIGGERS: Final = frozenset("=+-@|%")
_SKIPPED: Final = "\t\r\n \u00a0\ufeff"
_CONTROL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `rows` may be a generator. Times are shown in `timezone`."""

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    timezone: str = "Asia/Ho_Chi_Minh"

    @property
    def zone(self) -> ZoneInfo:
        """The zone times are shown in."""
        return ZoneInfo(self.timezone)


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet runs it: a formula gets an apostrophe before it.

    Control characters, which XLSX cannot hold and terminals obey, become U+FFFD.
    """
    clean = text.translate(_CONTROL)
    stripped = unicodedata.normalize("NFKC", clean.lstrip(_SKIPPED)[:1])
    return f"'{clean}" if stripped in _TRIGGERS or clean[:1] in {"\t", "\r", "\n"} else clean
