"""What the markup of an ODS says besides its values: hidden parts, merged cells, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.sheets.archive import part
from inventory.sheets.book import MAX_CELLS, Area, Layout, check_bounds, refuse
from inventory.sheets.markup import Markup

if TYPE_CHECKING:
    import zipfile

    from inventory.sheets.markup import Attributes

_REPEATED_ROWS: Final = "number-rows-repeated"
_REPEATED_COLUMNS: Final = "number-columns-repeated"
_UNSEEN: Final = frozenset(("collapse", "filter"))
_ERRORS: Final = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "Err:")
_MOST: Final = 1_048_576  # rows of a sheet


class _Content(Markup):
    """The whole document: its styles, then its sheets."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where
        self.found: dict[str, Layout] = {}
        self._layout = Layout()
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row, self._column, self._rows = 1, 0, 1
        self._columns = 0
        self._cell: Attributes | None = None
        self._text = ""
        self._name = ""

    def start(self, name: str, attributes: Attributes) -> None:
        given = {key[key.rfind(":") + 1 :]: value for key, value in attributes.items()}
        if name in {"table-cell", "covered-table-cell"}:
            self._cell, self._text = {**given, "calcext": attributes.get("calcext:value-type", "")
                                      }, ""  # fmt: skip
        elif name == "table-row":
            self._begin_row(given)
        elif name == "table-column":
            self._column_style(given)
        elif name == "table":
            self._begin_table(given)
        elif name == "style":
            self._style = given.get("name", "")
        elif name == "table-properties" and given.get("display") == "false":
            self._hidden_styles.add(self._style)

    def text(self, text: str) -> None:
        if self._cell is not None:
            self._text += text if len(self._text) < 1000 else ""

    def end(self, name: str) -> None:
        if name in {"table-cell", "covered-table-cell"}:
            self._finish()
        elif name == "table-row":
            self._row += self._rows
        elif name == "table":
            check_bounds(self.where, self._name, self._layout)

    def _begin_table(self, given: Attributes) -> None:
        self._layout = Layout(is_hidden=given.get("style-name", "") in self._hidden_styles)
        self._row = 1
        self._columns = 0
        self._name = given.get("name", "")
        self.found[self._name] = self._layout

    def _column_style(self, given: Attributes) -> None:
        times = _times(given, _REPEATED_COLUMNS)
        if given.get("visibility") in _UNSEEN:
            self._layout.hidden_columns |= set(range(self._columns, self._columns + times))
        self._columns += times

    def _begin_row(self, given: Attributes) -> None:
        self._column, self._rows = 0, _times(given, _REPEATED_ROWS)
        if given.get("visibility") in _UNSEEN:
            end = min(self._row + self._rows, _MOST + 1)
            self._layout.hidden_rows |= set(range(self._row, end))

    def _finish(self) -> None:
        cell, self._cell = self._cell or {}, None
        times = _times(cell, _REPEATED_COLUMNS)
        place = (self._row, self._column)
        has_value = "value-type" in cell
        if has_value:
            self._layout.count(*place, self._rows, times)
            if self._layout.cells > MAX_CELLS:
                check_bounds(self.where, self._name, self._layout)
        if "formula" in cell:
            self._layout.formulas += 1
            if not has_value:
                self._layout.faults[place] = "a formula without a saved value"
        if cell.get("calcext") == "error" or ("formula" in cell and self._text.startswith(_ERRORS)):
            self._layout.faults[place] = self._text[:20]
        self._merge(cell)
        self._column += times

    def _merge(self, cell: Attributes) -> None:
        rows, columns = _times(cell, "number-rows-spanned"), _times(cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            last = (self._row + rows - 1, self._column + columns - 1)
            self._layout.merges.append(Area(self._row, self._column, *last))


def _times(given: Attributes, name: str) -> int:
    return min(max(int(given.get(name, "1")), 1), _MOST)


def layouts(archive: zipfile.ZipFile, where: str) -> dict[str, Layout]:
    """Return the layout of each sheet by name.

    Raises:
        InvalidInputError: damaged or encrypted, or a sheet beyond the limits.
    """
    if b"encryption-data" in part(archive, "META-INF/manifest.xml"):
        raise refuse(where, "is encrypted", "Save it without a password.")
    content = _Content(where)
    content.parse(part(archive, "content.xml"))
    return content.found
