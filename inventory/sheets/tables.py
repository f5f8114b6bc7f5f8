"""Cuts a sheet into tables: titles, headers, rows of data, and the rows that are none."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from inventory.sheets import headers
from inventory.sheets.book import MAX_CELLS, letter
from inventory.sheets.findings import HIDDEN, Skipped
from inventory.sheets.values import shown
from inventory.sheets.vietnamese import Encoding, encoding_of, repair
from inventory.sheets.words import key, vocabulary
from inventory.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inventory.sheets.book import Area, Sheet, Value
    from inventory.sheets.headers import Header

_LOOKED_AT: Final = 120  # rows above which a first header must stand
_ENUMERATOR: Final = re.compile(r"(?:[IVXLC]{1,6}|[A-ZĐ])")
_ENUMERATED: Final = re.compile(r"(?:[IVXLC]{1,6}|[A-ZĐ]|[0-9]{1,2})\s*[./)-]\s+(?=\D)")
_COUNTED: Final = re.compile(r"\(?\s*([0-9]{1,2}|[A-ZĐ])\s*\)?(?:\s*=.*)?")
_TRAILING: Final = re.compile(r"[\s0-9:.,()=-]+$")


@dataclass(slots=True)
class Line:
    """A row of data; `filled` are columns whose value stands in a merged cell above."""

    number: int
    cells: dict[int, Value]
    group: str = ""
    filled: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Table:
    """A header and its rows."""

    header: Header
    lines: list[Line] = field(default_factory=list)


class Grid:
    """The visible part of a sheet, its Vietnamese repaired column by column."""

    def __init__(self, sheet: Sheet, *, hidden: bool = False) -> None:
        self.sheet = sheet
        rows = set() if hidden else sheet.hidden_rows
        self._columns = set() if hidden else sheet.hidden_columns
        self.numbers = [number for number in sorted(sheet.rows) if number not in rows]
        self.encodings = self._encodings()
        self.faults = {place: text for place, text in sheet.faults.items()
                       if place[0] not in rows and place[1] not in self._columns}  # fmt: skip
        lines = {number for number, _ in self.faults} - set(self.numbers)
        self.numbers = sorted({*self.numbers, *lines})

    def cells(self, number: int) -> dict[int, Value]:
        """Return the cells of a row."""
        row = self.sheet.rows.get(number, {})
        if not self._columns:
            return dict(row)
        return {column: cell for column, cell in row.items() if column not in self._columns}

    def texts(self, number: int) -> dict[int, str]:
        """Return the cells of a row as texts, repaired; without those that are empty."""
        found = {
            column: self.repaired(column, cell) if isinstance(cell, str) else shown(cell)
            for column, cell in self.cells(number).items()
        }
        return {column: text for column, text in found.items() if text}

    def repaired(self, column: int, text: str) -> str:
        """Return the text of a cell in Unicode, composed."""
        if text.isascii():
            return text.strip()
        encoding = self.encodings.get(column, Encoding.UNICODE)
        return normalise(repair(text, encoding))

    def _encodings(self) -> dict[int, Encoding]:
        texts: dict[int, list[str]] = {}
        for number in self.numbers:
            for column, cell in self.cells(number).items():
                if isinstance(cell, str) and not cell.isascii():
                    texts.setdefault(column, []).append(cell)
        return {column: encoding_of(found) for column, found in texts.items()}


def cut(grid: Grid, names: Sequence[str], skipped: list[Skipped]) -> list[Table]:
    """Return the tables of a sheet; `names` are those of the sheet and the file.

    What is no row of data goes to `skipped`, each with why.
    """
    cutter = _Cutter(grid, names, skipped)
    cutter.run()
    return cutter.tables


class _Cutter:
    """Goes down one sheet."""

    def __init__(self, grid: Grid, names: Sequence[str], skipped: list[Skipped]) -> None:
        self.tables: list[Table] = []
        self._grid = grid
        self._names = names
        self._skipped = skipped
        self._titles: list[tuple[int, str]] = []
        self._group = ""
        self._is_in_notes = False
        self._merges = {(area.top, area.left): area for area in grid.sheet.merges}
        self._reaching = _reaching(grid.sheet.merges, grid.numbers)

    def run(self) -> None:
        """Look at every row."""
        numbers = iter(self._pairs())
        for place, (number, following) in enumerate(numbers):
            if not self.tables and place > _LOOKED_AT:
                return
            texts = self._grid.texts(number)
            header = self._header(number, following, texts)
            if header is not None:
                self._begin(header)
                if len(header.rows) > 1:
                    next(numbers, None)
            elif not self.tables:
                self._titles.append((number, self._all(number)))
            else:
                self._take(number, texts)

    def _pairs(self) -> list[tuple[int, int | None]]:
        numbers = self._grid.numbers
        return list(zip(numbers, [*numbers[1:], None], strict=True))

    def _header(self, number: int, following: int | None, upper: dict[int, str]) -> Header | None:
        if self.tables and not _may_be_header(list(upper.values())):
            return None
        hints = headers.hints(self._names, [text for _, text in self._titles])
        single = headers.find({c: headers.label(t) for c, t in upper.items()}, (number,), hints)
        double = self._double(number, following, upper, hints)
        if double is None:
            return single
        return double if single is None or len(double.fields) >= len(single.fields) else single

    def _double(
        self, number: int, following: int | None, upper: dict[int, str], hints: dict[str, float]
    ) -> Header | None:
        """Return the header of this row and the next, if both belong to it."""
        if following is None or following > number + 1 or len(upper) < 2:
            return None
        below = self._grid.texts(following)
        if _counts_columns(below, len(upper)):
            return None
        labels = {
            column: headers.label(self._above(number, column, upper, below), below.get(column, ""))
            for column in sorted({*upper, *below})
        }
        found = headers.find(labels, (number, following), hints)
        if found is None:
            return None
        lower = [column for column in below if column in found.fields]
        others = [column for column in below if column in found.unknown]
        only_upper = [column for column in found.fields if not below.get(column)]
        has_both = bool(lower) and bool(only_upper or self._spreads(number, upper))
        return found if has_both and len(lower) >= len(others) else None

    def _spreads(self, number: int, upper: dict[int, str]) -> bool:
        return any(
            area.right > area.left
            for (top, left), area in self._merges.items()
            if top == number and left in upper
        )

    def _above(self, number: int, column: int, upper: dict[int, str], below: dict[int, str]) -> str:
        """Return the words over a column: its own, or those spread over it from the left."""
        if upper.get(column):
            return upper[column]
        if column not in below:
            return ""
        left = max((one for one in upper if one < column), default=None)
        if left is None:
            return ""
        area = self._merges.get((number, left))
        if area is not None:
            return upper[left] if column <= area.right else ""
        # Without merged cells, words spread over blanks as long as something stands below.
        is_open = not self._grid.sheet.merges and left in below
        return upper[left] if is_open else ""

    def _begin(self, header: Header) -> None:
        self._skipped += [
            Skipped(self._grid.sheet.name, "row", str(number), text, "stands above the table")
            for number, text in self._titles
        ]
        self._titles.clear()
        if self.tables and self.tables[-1].header.fields == header.fields:
            self._skip(header.rows[0], "the header again")
            return
        self.tables.append(Table(header))
        self._group, self._is_in_notes = "", False

    def _take(self, number: int, texts: dict[int, str]) -> None:
        table = self.tables[-1]
        reason = self._reason(number, table, texts)
        if reason:
            self._skip(number, reason)
            return
        line = Line(number, self._grid.cells(number), self._group)
        self._fill(line, table)
        table.lines.append(line)

    def _reason(self, number: int, table: Table, texts: dict[int, str]) -> str:
        """Return why a row is no row of data, empty when it is one."""
        header = table.header
        words = {column: text for column, text in texts.items() if column not in header.numbering}
        if not table.lines and _counts_columns(texts, len(header.fields)):
            return "numbers the columns"
        if _is_complete(header, words):
            self._is_in_notes = False
            return ""
        own = [column for column in words if column in header.fields]
        reason = self._said(list(texts.values()), list(words.values()), len(own), header)
        if reason:
            return reason
        faulty = any((number, column) in self._grid.faults for column in header.fields)
        group = self._group_of(number, header, texts, words)
        if group:
            self._group = group
            return "a heading over rows"
        if not own and not faulty:
            return "has nothing in the columns that are imported"
        return ""

    def _said(self, texts: list[str], words: list[str], own: int, header: Header) -> str:
        """Return what a row's first words say it is; below a note, sparse rows are notes too."""
        if any(map(_is_total, (*texts[:1], *words[:1]))):
            return "a total"
        is_sparse = own <= max(1, len(header.fields) // 2)
        if is_sparse and any(map(_is_note, texts[:2])):
            self._is_in_notes = True
        elif not is_sparse:
            self._is_in_notes = False
        return "a note" if self._is_in_notes else ""

    def _group_of(
        self, number: int, header: Header, texts: dict[int, str], words: dict[int, str]
    ) -> str:
        named = {column: text for column, text in words.items() if not _is_count(text)}
        if len(named) != 1:
            return ""
        ((column, text),) = named.items()
        before = [texts[one] for one in header.numbering if one in texts]
        area = self._merges.get((number, column))
        spans = area is not None and area.right > area.left and area.right != column
        is_enumerated = any(_ENUMERATOR.fullmatch(one.strip(" .")) for one in before)
        bare = _ENUMERATED.sub("", text, count=1)
        is_alone = len(words) == 1 and len(header.fields) > 1
        if is_enumerated or spans or (is_alone and (bare != text or _is_group(header, bare))):
            return bare
        return ""

    def _fill(self, line: Line, table: Table) -> None:
        """Give a row what merged cells that reach into it hold."""
        for area in self._reaching.get(line.number, ()):
            if area.left in table.header.fields and area.left not in line.cells:
                above = self._grid.cells(area.top).get(area.left)
                if above is not None and area.top > table.header.rows[-1]:
                    line.cells[area.left] = above
                    line.filled[area.left] = area.top

    def _skip(self, number: int, why: str) -> None:
        name = self._grid.sheet.name
        self._skipped.append(Skipped(name, "row", str(number), self._all(number), why))

    def _all(self, number: int) -> str:
        return " | ".join(self._grid.texts(number).values())[:200]


def leftovers(grid: Grid, *, hidden: bool) -> Iterator[Skipped]:
    """Yield the hidden rows and columns of a sheet that hold something and are left out."""
    sheet = grid.sheet
    if hidden:
        return
    for number in sorted(sheet.hidden_rows & sheet.rows.keys()):
        texts = [shown(cell) for cell in sheet.rows[number].values()]
        yield Skipped(sheet.name, "row", str(number), " | ".join(texts)[:200], HIDDEN)
    used = {column for row in sheet.rows.values() for column in row}
    for column in sorted(sheet.hidden_columns & used):
        first = next(row[column] for _, row in sorted(sheet.rows.items()) if column in row)
        text = normalise(shown(first))[:200]
        yield Skipped(sheet.name, "column", letter(column), text, HIDDEN)


def _reaching(merges: list[Area], numbers: list[int]) -> dict[int, list[Area]]:
    """Return the merged cells that reach into each row from a row above, up to a bound."""
    found: dict[int, list[Area]] = {}
    entries = 0
    for area in merges:
        first, last = bisect_right(numbers, area.top), bisect_right(numbers, area.bottom)
        entries += last - first
        if entries > MAX_CELLS:
            return found
        for number in numbers[first:last]:
            found.setdefault(number, []).append(area)
    return found


def _may_be_header(texts: list[str]) -> bool:
    """Whether a row below a table's header could begin another; data rows rarely could."""
    needed = max(3.0, len(texts) * 0.6)
    unknown = 0
    for text in texts:
        if len(text) >= 60 or not _is_header_word(text):
            unknown += 1
        if len(texts) - unknown < needed:
            return False
    return len(texts) >= needed


@lru_cache(maxsize=4096)
def _is_header_word(text: str) -> bool:
    ways = headers.label(text).ways
    return any(words in own for own in vocabulary().headers.values() for words, _ in ways)


def _is_complete(header: Header, words: dict[int, str]) -> bool:
    """Whether a row fills all its kind must have, whatever its words look like."""
    required = header.required
    return len(required) > 1 and all(column in words for column in required)


def _counts_columns(texts: dict[int, str], fields: int) -> bool:
    found = [_COUNTED.fullmatch(text.strip()) for text in texts.values()]
    numbers = [int(one[1]) for one in found if one is not None and one[1].isdigit()]
    rising = all(after == before + 1 for before, after in pairwise(numbers))
    return len(numbers) >= max(2, fields // 2) and None not in found and rising


def _is_count(text: str) -> bool:
    return re.fullmatch(r"[0-9.,\s]+", text) is not None


def _is_total(text: str) -> bool:
    """Whether a row is a total: the word alone, or spelled with its marks and more behind."""
    lowered = normalise(text).casefold()
    if lowered.startswith(("tổng cộng", "tổng số")):  # not "Tổng công ty", a company
        return True
    return key(_TRAILING.sub("", text)) in vocabulary().totals


def _is_note(text: str) -> bool:
    folded = key(text)
    return text.startswith("*") or any(
        text.startswith(one) if not key(one) else folded == one or folded.startswith(f"{one} ")
        for one in vocabulary().notes
    )


def _is_group(header: Header, text: str) -> bool:
    words = key(text)
    fields = vocabulary().sections[header.section].fields.values()
    return any(
        key(one) == words for own in fields for group in own.groups.values() for one in group
    )
