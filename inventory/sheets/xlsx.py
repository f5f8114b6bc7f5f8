"""What the markup of an XLSX says besides its values: hidden parts, merged cells, faults.

Read as a stream of events, before the values themselves are: it also bounds what they take.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from inventory.sheets.archive import part
from inventory.sheets.book import Area, Layout, check_bounds, position
from inventory.sheets.markup import TRUE, Markup

if TYPE_CHECKING:
    import zipfile

    from inventory.sheets.markup import Attributes

_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_UNCOMPUTED: Final = "a formula without a saved value"
MAX_COLUMNS: Final = 16_384


class _Outline(Markup):
    """The sheets of the workbook and the parts they stand in."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.sheets: list[tuple[str, str, str]] = []
        self.targets: dict[str, str] = {}
        self.is_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            state = attributes.get("state", "visible")
            self.sheets.append((attributes.get("name", ""), relation, state))
        elif name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904", "") in TRUE


class _SheetMarkup(Markup):
    """One worksheet."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.layout = Layout()
        self._row, self._column = 0, -1
        self._type = ""
        self._has_formula = self._has_value = self._inside = False
        self._value = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._cell(attributes)
        elif name in {"v", "t"}:
            self._inside = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "col":
            self._columns(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def text(self, text: str) -> None:
        if self._inside and text:
            self._has_value, self._value = True, text

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._inside = False
        elif name == "c":
            self._finish()

    def _begin_row(self, attributes: Attributes) -> None:
        given = attributes.get("r")
        self._row = int(given) if given else self._row + 1
        self._column = -1
        self.layout.rows += 1
        if attributes.get("hidden", "") in TRUE:
            self.layout.hidden_rows.add(self._row)

    def _columns(self, attributes: Attributes) -> None:
        if attributes.get("hidden", "") in TRUE:
            first, last = int(attributes["min"]), int(attributes["max"])
            self.layout.hidden_columns |= set(range(first - 1, min(last, MAX_COLUMNS)))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        if last and len(self.layout.merges) < 100_000:
            self.layout.merges.append(Area(*position(first), *position(last)))

    def _cell(self, attributes: Attributes) -> None:
        given = attributes.get("r")
        if given:
            self._row, self._column = position(given)
        else:
            self._column += 1
        self._type = attributes.get("t", "n")
        self._has_formula = self._has_value = False

    def _finish(self) -> None:
        if self._has_value:
            self.layout.count(self._row, self._column)
        if self._has_formula or self._type == "e":
            self._judge((self._row, self._column))

    def _judge(self, place: tuple[int, int]) -> None:
        """Take note of a formula, and of a cell that has no value to take."""
        if self._has_formula:
            self.layout.formulas += 1
        if self._type == "e":
            self.layout.faults[place] = self._value if self._has_value else "#N/A"
        elif not self._has_value and self._type != "str":
            self.layout.faults[place] = _UNCOMPUTED


def layouts(archive: zipfile.ZipFile, where: str) -> tuple[dict[str, Layout], bool]:
    """Return the layout of each sheet by name, and whether dates count from 1904.

    Raises:
        InvalidInputError: damaged markup, or a sheet beyond the limits.
    """
    outline = _Outline(where)
    outline.parse(part(archive, _BOOK))
    outline.parse(part(archive, _RELATIONS))
    found: dict[str, Layout] = {}
    for name, relation, state in outline.sheets:
        target = outline.targets.get(relation, "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        markup = _SheetMarkup(where)
        data = part(archive, posixpath.normpath(path))
        if data:
            markup.parse(data)
        markup.layout.is_hidden = state != "visible"
        check_bounds(where, name, markup.layout)
        found[name] = markup.layout
    return found, outline.is_1904
