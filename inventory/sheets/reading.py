"""A workbook as rows of the inventory: the tree a YAML file gives, and what was done for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from hatang.errors import Problem
from inventory.schemas import VERSION
from inventory.sheets import deriving, naming
from inventory.sheets.book import letter
from inventory.sheets.drafts import Draft, Notebook
from inventory.sheets.findings import HIDDEN, Column, Reading, Skipped, Understood
from inventory.sheets.forms import Form, Shape, forms, sections
from inventory.sheets.headers import readings
from inventory.sheets.tables import Grid, cut, leftovers
from inventory.sheets.values import Taken, Taking, WrongCellError, shown, take
from inventory.sheets.vietnamese import Encoding
from inventory.sheets.words import key, vocabulary
from inventory.text import normalise
from inventory.yamlfile import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.sheets.book import Book, Sheet, Value
    from inventory.sheets.drafts import Known
    from inventory.sheets.tables import Line, Table

_KNOWN = 65_536  # texts of one column that are remembered
_TEMPLATE = "Head the columns as `hatang inventory template` does."


def understand(book: Book, known: Known, *, hidden: bool = False) -> Reading:
    """Return what `book` says; `known` are the elements of the inventory, by kind and key.

    Hidden sheets, rows and columns are left out, and named, unless `hidden`. What is wrong with
    cells stands among the reading's problems; rows with such cells stand in its tree all the same.
    """
    reading = Reading(book.name, book.format, Tree(), list(book.notes))
    notebook = Notebook(reading)
    drafts: list[Draft] = []
    for sheet in book.sheets:
        if sheet.is_hidden and not hidden:
            if sheet.rows:
                reading.skipped.append(Skipped(sheet.name, "sheet", "", "", HIDDEN))
            continue
        drafts += _Sheet(book, sheet, notebook, hidden=hidden).drafts()
    if not reading.tables:
        message = "holds no table of the inventory"
        reading.problems.append(Problem(book.name, "file", "", message, _TEMPLATE))
    deriving.derive_choices(drafts, notebook)
    directory = naming.give_keys(drafts, known, notebook)
    for draft in drafts:
        _check_missing_keys(draft)
    brought = _name(drafts, directory, notebook)
    _plant(reading, [*drafts, *brought], known)
    order = {sheet.name: place for place, sheet in enumerate(book.sheets)}
    reading.repairs.sort(
        key=lambda one: (order.get(one.sheet, 0), one.row, len(one.column), one.column)
    )
    return reading


def settle(reading: Reading, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of a workbook: its own, and those of its records with their columns.

    A field that has a problem of its own keeps quiet about what follows from it.
    """
    told = {(one.sheet, one.line, one.field.partition(".")[0]) for one in reading.problems}
    found = list(reading.problems)
    for problem in problems:
        name = problem.field.partition(".")[0]
        table = reading.tables_of.get((problem.sheet or "", problem.line or 0))
        if (problem.sheet, problem.line, name) in told or _is_told(reading, problem):
            continue
        column = None if table is None else table.column(problem.field)
        placed = problem
        if column is not None:
            placed = replace(problem, column=column.letter, header=column.header)
        found.append(placed)
    order = {one.sheet or "": place for place, one in enumerate(reading.tables)}
    return sorted(found, key=lambda one: (order.get(one.sheet or "", -1), one.line or 0, one.field))


def _is_told(reading: Reading, problem: Problem) -> bool:
    name = problem.field.partition(".")[0]
    return name in reading.quiet.get((problem.sheet or "", problem.line or 0), ())


def _name(drafts: list[Draft], directory: naming.Directory, notebook: Notebook) -> list[Draft]:
    """Resolve references, and return the rows that others bring along."""
    brings = {
        (section, path)
        for section in {draft.table.section for draft in drafts}
        for path, words in vocabulary().sections[section].fields.items()
        if words.brings
    }
    naming.resolve(drafts, directory, notebook, brings)
    deriving.derive_through(drafts, directory, notebook)
    brought = deriving.bring_along(drafts, directory, notebook)
    deriving.complete(drafts, directory, notebook)
    return brought


def _check_missing_keys(draft: Draft) -> None:
    # Without a column and a name there is nothing to make a key of: told once by `complete`.
    single = draft.kind.single_key
    if single is not None and single not in draft.values and not draft.has_column(single):
        draft.faulty.add(single)


def _plant(reading: Reading, drafts: list[Draft], known: Known) -> None:
    """Grow the tree that records are collected from."""
    tree = reading.tree
    root: dict[str, Any] = {"version": VERSION}
    for draft in drafts:
        rows = root.setdefault(draft.table.section, [])
        row = _row(draft, known)
        tree.lines.setdefault(id(rows), {})[len(rows)] = draft.number
        tree.lines[id(row)] = dict.fromkeys(row, draft.number)
        place = (draft.table.sheet, draft.number)
        if draft.table.sheet:
            tree.sheets[id(row)] = draft.table.sheet
        reading.tables_of.setdefault(place, draft.table)
        if draft.faulty:
            reading.quiet.setdefault(place, set()).update(draft.faulty)
        rows.append(row)
    tree.root = root


def _row(draft: Draft, known: Known) -> dict[str, Any]:
    if not any("." in path for path in draft.values):
        return draft.values
    identifier = str(draft.values.get(draft.kind.single_key or ""))
    held = known.get(draft.kind.kind, {}).get(identifier, {})
    row: dict[str, Any] = {}
    for path, value in draft.values.items():
        name, _, part = path.partition(".")
        if part:
            # A table rarely has a column for each part: those it lacks stay as they are.
            row[name] = {**(held.get(name) or {}), **row.get(name, {}), part: value}
        else:
            row[name] = value
    return row


class _Source(NamedTuple):
    """A column that is imported, how its cells are taken, and the texts taken already."""

    column: Column
    of: Taking
    known: dict[str, tuple[Value, str, Taken]]


class _Sheet:
    """One sheet on its way to drafts."""

    def __init__(self, book: Book, sheet: Sheet, notebook: Notebook, *, hidden: bool) -> None:
        self._book = book
        self._sheet = sheet
        self._notebook = notebook
        self._reading = notebook.reading
        self._hidden = hidden
        self._grid = Grid(sheet, hidden=hidden)

    def drafts(self) -> list[Draft]:
        """Return the rows of all tables of this sheet."""
        skipped = self._reading.skipped
        stem = PurePath(self._book.name).stem
        names = [self._sheet.name or stem]
        if not self._sheet.rows and not self._sheet.faults:
            return []
        if set(map(key, readings(names[0]))) & vocabulary().guides:
            skipped.append(Skipped(self._sheet.name, "sheet", "", "", "explains the others"))
            return []
        before = len(skipped)
        found = cut(self._grid, names if names == [stem] else [*names, stem], skipped)
        if not found:
            del skipped[before:]
            self._no_table(names[0])
            return []
        skipped += leftovers(self._grid, hidden=self._hidden)
        if self._sheet.formulas > len(self._sheet.faults):
            count = self._sheet.formulas - len(self._sheet.faults)
            note = f"{self._sheet.name}: {count} formulas; their saved values are taken"
            self._reading.notes.append(note)
        return [draft for table in found for draft in self._table(table)]

    def _no_table(self, name: str) -> None:
        ways = set(map(key, readings(name)))
        section = next(
            (one for one, titles in vocabulary().titles.items() if ways & titles.keys()), None
        )
        if section is None or not self._book.sheets or len(self._sheet.rows) < 2:
            why = "holds no table of the inventory"
            self._reading.skipped.append(Skipped(self._sheet.name, "sheet", "", "", why))
            return
        required = [one for one in forms(section).values() if one.required]
        words = vocabulary().sections[section].fields
        heads = ", ".join(f"“{words[one.path].vi}”" for one in required)
        self._reading.problems.append(
            Problem(self._book.name, section, "", "has no header row that is known",
                    f"Head its columns {heads}.", None, self._sheet.name or None)
        )  # fmt: skip

    def _table(self, table: Table) -> list[Draft]:
        columns = self._columns(table)
        understood = Understood(
            self._sheet.name, table.header.section, table.header.rows, tuple(columns),
            len(table.lines),
        )  # fmt: skip
        self._reading.tables.append(understood)
        self._skip_unknown(table)
        sources = [_Source(one, self._taking(understood.section, one), {}) for one in columns]
        return [self._draft(Draft(understood, line.number, line.group), line, sources)
                for line in table.lines]  # fmt: skip

    def _columns(self, table: Table) -> list[Column]:
        found: dict[str, Column] = {}
        for index, (path, unit, text) in sorted(table.header.fields.items()):
            quantity = vocabulary().unit(path)
            base = path.rpartition("_")[2]
            # A header that is the field's own name speaks its unit.
            spoken = base if quantity and key(text) == key(path) else unit
            factor = quantity.get(spoken) if quantity else None
            column = Column(index, text, path, spoken if factor is not None else unit, factor)
            if path not in found:
                found[path] = column
            elif self._filled(table, index):
                self._twice(table, found, column)
        return list(found.values())

    def _filled(self, table: Table, index: int) -> bool:
        return any(index in line.cells for line in table.lines)

    def _twice(self, table: Table, found: dict[str, Column], column: Column) -> None:
        first = found[column.path]
        if not self._filled(table, first.index):
            found[column.path] = column
            return
        same = all(line.cells.get(first.index) == line.cells.get(column.index)
                   for line in table.lines)  # fmt: skip
        if same:
            return
        message = f"is the same field as column {first.letter} “{first.header}”"
        self._reading.problems.append(
            Problem(self._book.name, column.path, "", message, "Keep one of the two columns.",
                    table.header.rows[0], self._sheet.name or None, column.letter, column.header)
        )  # fmt: skip

    def _skip_unknown(self, table: Table) -> None:
        header = table.header
        used = {index for line in table.lines for index in line.cells}
        for index, text in sorted(header.unknown.items()):
            is_ignored = any(key(one) in vocabulary().ignored for one in readings(text))
            why = "is no part of the inventory" if is_ignored else "has a header nobody knows"
            if index in used or not is_ignored:
                self._skip_column(index, text, why)
        named = {*header.fields, *header.unknown, *header.numbering}
        for index in sorted(used - named):
            self._skip_column(index, "", "has no header")

    def _skip_column(self, index: int, text: str, why: str) -> None:
        skipped = Skipped(self._sheet.name, "column", letter(index), text, why)
        self._reading.skipped.append(skipped)

    def _draft(self, draft: Draft, line: Line, sources: list[_Source]) -> Draft:
        faults = self._grid.faults
        for source in sources:
            column = source.column
            fault = faults.get((line.number, column.index)) if faults else None
            if fault is not None:
                fix = "Open it in a spreadsheet program and save it, or write the value itself."
                self._notebook.problem(draft, column.path, "", f"holds {fault}", fix)
            elif column.index in line.cells:
                self._cell(draft, source, line)
        return draft

    def _cell(self, draft: Draft, source: _Source, line: Line) -> None:
        column, of, _ = source
        raw = line.cells[column.index]
        try:
            cell, why, taken = self._understood(source, raw)
        except WrongCellError as error:
            told = shown(self._repaired(column.index, raw)[0])
            self._notebook.problem(draft, column.path, told, error.message, error.fix)
            return
        if taken.value in ("", []):
            return
        draft.values[column.path] = taken.value
        if column.index in line.filled:
            why = f"merged with row {line.filled[column.index]}"
        reasons = ", ".join(one for one in (why, taken.why) if one)
        if reasons:
            self._notebook.repair(draft, column.path, shown(raw), _plain(taken.value), reasons)
        elif of.words.words and taken.value != shown(cell).strip():
            words = draft.table.words.setdefault(column.path, {})
            words[shown(cell).strip()] = str(taken.value)

    def _understood(self, source: _Source, raw: Value) -> tuple[Value, str, Taken]:
        """Return a cell repaired, why, and its value; texts that come again are looked up."""
        column, of, known = source
        if isinstance(raw, str) and raw in known:
            return known[raw]
        cell, why = self._repaired(column.index, raw)
        found = (cell, why, take(cell, of))
        if isinstance(raw, str) and isinstance(found[2].value, str) and len(known) < _KNOWN:
            known[raw] = found
        return found

    def _repaired(self, index: int, cell: Value) -> tuple[Value, str]:
        if not isinstance(cell, str):
            return cell, ""
        repaired = self._grid.repaired(index, cell)
        if repaired == cell.strip():
            return repaired, ""
        if repaired == normalise(cell):
            return repaired, "letters composed"
        encoding = self._grid.encodings.get(index, Encoding.UNICODE)
        return repaired, f"{encoding} turned into Unicode"

    def _taking(self, section: str, column: Column) -> Taking:
        return Taking(
            _form(section, column.path),
            vocabulary().sections[section].fields[column.path],
            column.unit,
            is_reference=column.path in naming.references(section),
            is_1904=self._book.is_1904,
            is_csv=self._book.format == "CSV",
        )


def _form(section: str, path: str) -> Form:
    own = forms(section)
    if path in own:
        return own[path]
    name, _, part = path.partition(".")
    target = naming.of_kind(sections()[section].row.references[name])
    return forms(target.section).get(part, Form(path, Shape.TEXT))


def _plain(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
