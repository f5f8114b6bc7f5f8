"""What was understood of a workbook, so that a reader can judge it: nothing is left unsaid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from inventory.sheets.book import letter

if TYPE_CHECKING:
    from hatang.errors import Problem
    from inventory.yamlfile import Tree


class Repair(NamedTuple):
    """A cell whose text is not what is imported: `before` stood there, `after` is taken."""

    sheet: str
    row: int
    column: str
    header: str
    before: str
    after: str
    why: str


HIDDEN: Final = "is hidden"


class Skipped(NamedTuple):
    """What is not imported: a sheet, some rows or a column, with the text that stood there."""

    sheet: str
    what: str
    place: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is imported; a cell of it times `factor` is in the field's own unit."""

    index: int
    header: str
    path: str
    unit: str = ""
    factor: float | None = None

    @property
    def letter(self) -> str:
        """Its letters."""
        return letter(self.index)


@dataclass(slots=True)
class Understood:
    """One table: where it stands, what its rows and columns are.

    `words` are, by field, the words taken for choices: "Xã" for `commune`.
    """

    sheet: str
    section: str
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: int = 0
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def column(self, path: str) -> Column | None:
        """Return the column of a field, or of one of its parts."""
        field_name = path.partition(".")[0]
        exact = (one for one in self.columns if one.path == path)
        parts = (one for one in self.columns if one.path.partition(".")[0] == field_name)
        return next(exact, next(parts, None))


@dataclass(slots=True)
class Reading:
    """A workbook as a file's tree of rows, with all that was understood, repaired, left out.

    By sheet and row, `quiet` are fields told of already, and `tables_of` the table it stands in.
    """

    where: str
    format: str
    tree: Tree
    notes: list[str] = field(default_factory=list)
    tables: list[Understood] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    quiet: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    tables_of: dict[tuple[str, int], Understood] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return what a reader is shown, in plain types."""
        return {
            "format": self.format,
            "notes": self.notes,
            "tables": [_table(one) for one in self.tables],
            "repairs": [one._asdict() for one in self.repairs],
            "skipped": [one._asdict() for one in self.skipped],
        }


def _table(table: Understood) -> dict[str, Any]:
    columns = [
        {"column": one.letter, "header": one.header, "field": one.path,
         **({} if one.factor is None else {"unit": one.unit, "factor": one.factor})}
        for one in table.columns
    ]  # fmt: skip
    return {
        "sheet": table.sheet, "section": table.section, "header_rows": list(table.header_rows),
        "rows": table.rows, "columns": columns, "words": table.words,
    }  # fmt: skip
