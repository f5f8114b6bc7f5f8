"""A workbook as plain cells, whatever format it came in, and the limits of what is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from hatang.errors import InvalidInputError, Problem

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_UNCOMPRESSED: Final = 256 * 1024 * 1024
MAX_ENTRIES: Final = 5000
MAX_CELLS: Final = 1_500_000
MAX_AREA: Final = 8_000_000  # the reader keeps 32 bytes for each place between first and last cell
MAX_TEXT: Final = 32_767  # a cell's characters, Excel's own limit

Value: TypeAlias = str | int | float | bool | date | datetime


class Area(NamedTuple):
    """Merged cells: first and last row (from 1) and column (from 0)."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """One sheet: rows count from 1 and columns from 0; what is empty is absent.

    `faults` are cells without a value to take: an error value, or a formula nobody computed.
    """

    name: str
    is_hidden: bool = False
    rows: dict[int, dict[int, Value]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Area] = field(default_factory=list)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: int = 0


@dataclass(slots=True)
class Book:
    """A workbook; `format` is what its content is, `notes` what a reader should know of it."""

    name: str
    format: str
    sheets: list[Sheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_1904: bool = False
    sha256: str = ""


@dataclass(slots=True)
class Layout:
    """What a sheet's markup says besides values; `last` and `cells` bound what a reader takes.

    `rows` counts those written down, with values or without.
    """

    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Area] = field(default_factory=list)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: int = 0
    cells: int = 0
    rows: int = 0
    first: tuple[int, int] = (1 << 30, 1 << 30)
    last: tuple[int, int] = (0, -1)

    def count(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Take note that a block of cells beginning here holds values."""
        self.cells += rows * columns
        (top, left), (bottom, right) = self.first, self.last
        low, far = row + rows - 1, column + columns - 1
        if row < top or column < left:
            self.first = (min(top, row), min(left, column))
        if low > bottom or far > right:
            self.last = (max(bottom, low), max(right, far))

    @property
    def area(self) -> int:
        """How many places lie between the first and the last cell with a value."""
        if not self.cells:
            return 0
        return (self.last[0] - self.first[0] + 1) * (self.last[1] - self.first[1] + 1)


def letter(column: int) -> str:
    """Return the letters a spreadsheet shows over a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def position(reference: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a reference like B12."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), _column(letters)


@lru_cache(maxsize=16_384)
def _column(letters: str) -> int:
    if letters and not letters.isalpha():
        raise ValueError(letters)
    column = 0
    for sign in letters:
        column = column * 26 + ord(sign.upper()) - ord("A") + 1
    return column - 1


def refuse(where: str, message: str, fix: str, *, sheet: str | None = None) -> InvalidInputError:
    """Return the error that a file cannot be read at all."""
    return InvalidInputError([Problem(where, "file", "", message, fix, sheet=sheet)])


def check_bounds(where: str, sheet: str, layout: Layout) -> None:
    """Raise InvalidInputError when a sheet is larger than what is read."""
    if layout.cells > MAX_CELLS:
        message = f"holds {layout.cells} cells"
        raise refuse(where, message, f"Split it: {MAX_CELLS} are read.", sheet=sheet)
    if layout.area > MAX_AREA:
        far = f"{letter(layout.last[1])}{layout.last[0]}"
        fix = "Delete what stands far away from the table."
        raise refuse(where, f"reaches as far as {far}", fix, sheet=sheet)
