"""Writes the inventory as workbooks and CSV that read back unchanged, and the empty template.

Every text is stored as a text, with an apostrophe before what a spreadsheet could run; the import
takes that apostrophe off again.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from hatang.formulas import harmless, is_formula
from inventory.sheets.book import letter
from inventory.sheets.forms import Shape, forms, sections
from inventory.sheets.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from inventory.choices import ElementKind
    from inventory.kinds.kind import Fields
    from inventory.sheets.forms import Form

    Cell = str | int | float | bool | date | None
    # Rows by section, as a YAML file has them.
    Rows = Mapping[str, Sequence[Fields]]

LAST_ROW: Final = 5000  # down to which the template checks what is typed
_LISTED: Final = 2000  # codes of one kind that are offered
_GUIDE: Final = {"vi": "Hướng dẫn", "en": "Guide"}
_LISTS: Final = {"vi": "Danh mục giá trị", "en": "Choices"}
_HEADS: Final = {
    "vi": ("Trang", "Cột", "Bắt buộc", "Ý nghĩa", "Chọn trong"),
    "en": ("Sheet", "Column", "Required", "Meaning", "One of"),
}
_REQUIRED: Final = {"vi": "có", "en": "yes"}
_REFERENCE: Final = {"vi": "Mã hoặc tên của: {}", "en": "Code or name of: {}"}
_SHAPES: Final = {
    Shape.TEXT: {"vi": "Chữ", "en": "Text"},
    Shape.INTEGER: {"vi": "Số nguyên", "en": "Whole number"},
    Shape.NUMBER: {"vi": "Số", "en": "Number"},
    Shape.DATE: {"vi": "Ngày, dd/mm/yyyy", "en": "Date, dd/mm/yyyy"},
    Shape.LOGICAL: {"vi": "có hoặc không", "en": "yes or no"},
    Shape.LIST: {"vi": "Nhiều giá trị, cách nhau bằng ;", "en": "Several, parted by ;"},
}
_WIDTH: Final = 22
_AS_TEXT: Final = "@"


@dataclass(frozen=True, slots=True)
class _Offer:
    """Values offered for a column: where they stand, and whether others are refused."""

    place: str
    is_closed: bool


def write_workbook(rows: Rows, language: str) -> bytes:
    """Return `rows` as an XLSX, one sheet a kind, with the columns that hold something."""
    filer = _Filer(language, {})
    for section in sections():
        if rows.get(section):
            filer.sheet(section, _used(section, rows[section]), rows[section])
    return filer.saved()


def write_template(known: Mapping[ElementKind, Iterable[str]], language: str) -> bytes:
    """Return an XLSX to fill in: one sheet a kind, lists to choose from, and what columns mean.

    `known` are the codes of the inventory that references are offered.
    """
    filer = _Filer(language, known)
    filer.guide()
    for section in sections():
        filer.sheet(section, list(forms(section).values()), ())
    filer.lists()
    return filer.saved()


def write_csv(section: str, rows: Sequence[Fields], language: str) -> bytes:
    """Return the rows of one section as CSV in UTF-8 with a mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = _used(section, rows)
    writer.writerow([_header(section, form, language) for form in columns])
    for row in rows:
        cells = (_cell(section, form, row, language) for form in columns)
        writer.writerow([_written(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def quoted(text: str) -> str:
    """Return `text` so that no spreadsheet runs it, and so that reading it gives it back."""
    return f"'{text}" if is_formula(text.lstrip("'")) else harmless(text)


def _header(section: str, form: Form, language: str) -> str:
    return vocabulary().sections[section].fields[form.path].header(language)


def _used(section: str, rows: Sequence[Fields]) -> list[Form]:
    every = forms(section).values()
    return [
        form
        for form in every
        if form.required or any(_value(row, form) is not None for row in rows)
    ]


def _value(row: Fields, form: Form) -> Any:  # noqa: ANN401 RUF100 - whatever a field holds
    name, _, part = form.path.partition(".")
    value = row.get(name)
    if part:
        value = (value or {}).get(part)
    return None if value in ("", [], {}) else value


def _cell(section: str, form: Form, row: Fields, language: str) -> Cell:
    value = _value(row, form)
    words = vocabulary().sections[section].fields[form.path]
    if isinstance(value, list):
        texts = [str(one) for one in value]
        if any(";" in text or "\n" in text for text in texts):
            return None  # a cell cannot part these: it says nothing, and so changes nothing
        ends = ";" if len(texts) == 1 and "," in texts[0] else ""
        return quoted("; ".join(texts) + ends)
    if isinstance(value, str):
        is_choice = value in words.words and words.choice(words.shown(value, language)) == value
        return quoted(words.shown(value, language) if is_choice else value)
    if value is None or isinstance(value, int | float | date):
        return value
    return quoted(str(value))


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


class _Filer:
    """Fills one workbook, sheet by sheet."""

    def __init__(self, language: str, known: Mapping[ElementKind, Iterable[str]]) -> None:
        # A short command that writes no workbook does not load this.
        from openpyxl import Workbook  # noqa: PLC0415 RUF100

        self._book = Workbook(write_only=True)
        self._language = language
        self._offers: dict[tuple[str, ...], _Offer] = {}
        self._columns: list[list[str]] = []
        self._known = {kind: sorted(keys)[:_LISTED] for kind, keys in known.items()}

    def saved(self) -> bytes:
        """Return the workbook's bytes."""
        if not self._book.sheetnames:
            self._book.create_sheet("hatang")
        out = io.BytesIO()
        self._book.save(out)
        return out.getvalue()

    def sheet(self, section: str, columns: list[Form], rows: Sequence[Fields]) -> None:
        """Add the sheet of a section."""
        title = vocabulary().sections[section].title(self._language)
        sheet = self._book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for index, form in enumerate(columns):
            self._format(sheet, section, form, index, is_empty=not rows)
        self._head(sheet, [_header(section, form, self._language) for form in columns],
                   [form.required for form in columns])  # fmt: skip
        for row in rows:
            cells = [_cell(section, form, row, self._language) for form in columns]
            self._append(sheet, cells)

    def guide(self) -> None:
        """Add the sheet that explains each column."""
        language = self._language
        sheet = self._book.create_sheet(_GUIDE[language])
        sheet.freeze_panes = "A2"
        for index, width in enumerate((26, 34, 10, 44, 80)):
            sheet.column_dimensions[letter(index)].width = width
        self._head(sheet, list(_HEADS[language]), [False] * 5)
        for section, kind in sections().items():
            words = vocabulary().sections[section]
            about = words.about.get(language, "")
            self._append(sheet, [quoted(words.title(language)), None, None, quoted(about)])
            for form in forms(section).values():
                field = words.fields[form.path]
                meaning = field.about.get(language) or _SHAPES[form.shape][language]
                target = kind.row.references.get(form.path)
                if target is not None:
                    meaning = _REFERENCE[language].format(self._title_of(target))
                chosen = ", ".join(field.shown(one, language) for one in form.choices)
                required = _REQUIRED[language] if form.required else None
                self._append(
                    sheet,
                    [
                        quoted(words.title(language)),
                        quoted(field.header(language)),
                        required,
                        quoted(meaning),
                        chosen,
                    ],
                )

    def lists(self) -> None:
        """Add the hidden sheet of what can be chosen."""
        sheet = self._book.create_sheet(_LISTS[self._language])
        sheet.sheet_state = "hidden"
        depth = max((len(column) for column in self._columns), default=0)
        for number in range(depth):
            row = [column[number] if number < len(column) else None for column in self._columns]
            self._append(sheet, list(row))

    def _title_of(self, target: ElementKind) -> str:
        section = next(one for one, kind in sections().items() if kind.kind is target)
        return vocabulary().sections[section].title(self._language)

    def _head(self, sheet: Worksheet, texts: list[str], required: list[bool]) -> None:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 RUF100 - as above
        from openpyxl.styles import Font  # noqa: PLC0415 RUF100 - as above

        cells = []
        for text, is_required in zip(texts, required, strict=True):
            cell = WriteOnlyCell(sheet, text)
            cell.font = Font(bold=True, color="FFC00000" if is_required else None)
            cells.append(cell)
        sheet.append(cells)

    def _append(self, sheet: Worksheet, cells: Sequence[Cell]) -> None:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 RUF100 - as above

        made: list[Any] = []
        for value in cells:
            if value is None:
                made.append(None)
                continue
            cell = WriteOnlyCell(sheet)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
                cell.number_format = _AS_TEXT
            elif isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            made.append(cell)
        sheet.append(made)

    def _format(
        self, sheet: Worksheet, section: str, form: Form, index: int, *, is_empty: bool
    ) -> None:
        """Keep a column's texts texts, and offer its choices where rows are still to come."""
        dimension = sheet.column_dimensions[letter(index)]
        dimension.width = _WIDTH
        if form.shape is Shape.TEXT or form.shape is Shape.LIST:
            dimension.number_format = _AS_TEXT
        elif form.shape is Shape.DATE:
            dimension.number_format = "dd/mm/yyyy"
        if is_empty:
            self._validate(sheet, section, form, index)

    def _validate(self, sheet: Worksheet, section: str, form: Form, index: int) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 RUF100

        offer = self._offer(section, form)
        if offer is None:
            return
        # A reference may also name what is new, or be written as a name.
        check = DataValidation(
            type="list",
            formula1=offer.place,
            allow_blank=True,
            errorStyle="stop" if offer.is_closed else "information",
            showErrorMessage=offer.is_closed,
        )
        check.add(f"{letter(index)}2:{letter(index)}{LAST_ROW}")
        sheet.data_validations.append(check)

    def _offer(self, section: str, form: Form) -> _Offer | None:
        words = vocabulary().sections[section].fields[form.path]
        target = sections()[section].row.references.get(form.path)
        if form.choices:
            values = tuple(words.shown(one, self._language) for one in form.choices)
        elif target is not None and form.shape is not Shape.LIST:
            values = tuple(map(str, self._known.get(target, ())))
        else:
            values = ()
        if not values:
            return None
        if values not in self._offers:
            column = letter(len(self._columns))
            self._columns.append(list(values))
            place = f"'{_LISTS[self._language]}'!${column}$1:${column}${len(values)}"
            self._offers[values] = _Offer(place, bool(form.choices))
        return self._offers[values]
