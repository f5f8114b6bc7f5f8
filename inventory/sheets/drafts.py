"""Rows of a workbook on their way to records: values by field, and where each came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hatang.errors import Problem
from inventory.sheets.findings import Repair
from inventory.sheets.forms import Form, forms, sections
from inventory.sheets.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.choices import ElementKind
    from inventory.kinds.kind import Fields, Kind
    from inventory.sheets.findings import Reading, Understood
    from inventory.sheets.words import FieldWords

    # What the inventory holds: fields by kind and natural key.
    Known = Mapping[ElementKind, Mapping[str, Fields]]


@dataclass(slots=True)
class Draft:
    """One row of a table; `values` by path, `faulty` are fields whose cell is told already."""

    table: Understood
    number: int
    group: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    @property
    def kind(self) -> Kind:
        """The kind of element it is of."""
        return sections()[self.table.section]

    @property
    def forms(self) -> Mapping[str, Form]:
        """The columns its section may have."""
        return forms(self.table.section)

    def words(self, path: str) -> FieldWords:
        """Return the words of a field."""
        return vocabulary().sections[self.table.section].fields[path]

    def has_column(self, name: str) -> bool:
        """Whether its table has a column for the field `name`."""
        return self.table.column(name) is not None

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.values.get("name", ""))


@dataclass(slots=True)
class Notebook:
    """Where findings about drafts are written down."""

    reading: Reading

    def problem(self, draft: Draft, path: str, value: object, message: str, fix: str) -> None:
        """Write down what is wrong with a cell; the row's own check then keeps quiet of it."""
        column = draft.table.column(path)
        draft.faulty.add(path.partition(".")[0])
        self.reading.problems.append(
            Problem(
                self.reading.where, path, str(value)[:80], message, fix, draft.number,
                draft.table.sheet or None,
                None if column is None else column.letter,
                None if column is None else column.header,
            )
        )  # fmt: skip

    def repair(self, draft: Draft, path: str, before: object, after: object, why: str) -> None:
        """Write down that a cell is not taken as it stands."""
        column = draft.table.column(path)
        self.reading.repairs.append(
            Repair(
                draft.table.sheet, draft.number,
                "" if column is None else column.letter,
                path if column is None else column.header,
                str(before), str(after), why,
            )
        )  # fmt: skip
