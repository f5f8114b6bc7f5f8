"""What the records of an XLS say besides its values (MS-XLS): hidden parts, faults, extents."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from inventory.sheets.book import Area, Layout, check_bounds, refuse
from inventory.sheets.ole import CompoundFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUNDSHEET: Final = 0x0085
_FILEPASS: Final = 0x002F
_DATEMODE: Final = 0x0022
_EOF: Final = 0x000A
_ROW: Final = 0x0208
_COLINFO: Final = 0x007D
_FORMULA: Final = 0x0006
_BOOLERR: Final = 0x0205
_MULRK: Final = 0x00BD
_MERGED: Final = 0x00E5
_SINGLE: Final = frozenset((0x00FD, 0x0203, 0x027E, 0x0204, 0x00D6, _FORMULA, _BOOLERR))
_HIDDEN_ROW: Final = 0x20
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!",
                  42: "#N/A"}  # fmt: skip


def layouts(data: bytes, where: str) -> tuple[dict[str, Layout], bool]:
    """Return the layout of each sheet by name, and whether dates count from 1904.

    Raises:
        InvalidInputError: encrypted, damaged, no workbook, or a sheet beyond the limits.
    """
    file = CompoundFile(data, where)
    if "EncryptedPackage" in file.names:
        raise refuse(where, "is encrypted", "Save it without a password.")
    name = next((one for one in ("Workbook", "Book") if one in file.names), None)
    if name is None:
        message = "is a document of an older office program, but no workbook"
        raise refuse(where, message, "Give the workbook itself.")
    stream = file.stream(name)
    sheets, is_1904 = _globals(stream, where)
    found = {}
    for title, offset, is_hidden in sheets:
        layout = Layout(is_hidden=is_hidden)
        for kind, body in _records(stream, offset):
            _take(layout, kind, body)
        check_bounds(where, title, layout)
        found[title] = layout
    return found, is_1904


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        yield kind, stream[offset + 4 : offset + 4 + length]
        if kind == _EOF:
            return
        offset += 4 + length


def _globals(stream: bytes, where: str) -> tuple[list[tuple[str, int, bool]], bool]:
    sheets, is_1904 = [], False
    for kind, body in _records(stream, 0):
        if kind == _FILEPASS:
            raise refuse(where, "is encrypted", "Save it without a password.")
        if kind == _DATEMODE:
            is_1904 = body[:1] == b"\x01"
        elif kind == _BOUNDSHEET and len(body) >= 8:
            offset = int.from_bytes(body[:4], "little")
            sheets.append((_title(body), offset, bool(body[4] & 0x03)))
    return sheets, is_1904


def _title(body: bytes) -> str:
    # A length, a flag of wide letters, the letters.
    encoding = "utf-16-le" if body[7] & 1 else "latin-1"
    return body[8:].decode(encoding, "replace")[: body[6]]


def _take(layout: Layout, kind: int, body: bytes) -> None:
    if kind == _ROW and len(body) >= 16:
        if int.from_bytes(body[12:14], "little") & _HIDDEN_ROW:
            layout.hidden_rows.add(int.from_bytes(body[:2], "little") + 1)
    elif kind == _COLINFO and len(body) >= 10:
        first, last, _, _, flags = struct.unpack_from("<5H", body)
        if flags & 1:
            layout.hidden_columns |= set(range(first, min(last, 255) + 1))
    elif kind in _SINGLE and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        layout.count(row + 1, column)
        _fault(layout, kind, body, (row + 1, column))
    elif kind == _MERGED:
        for top, bottom, left, right in struct.iter_unpack(
            "<4H", body[2 : 2 + (len(body) - 2) // 8 * 8]
        ):
            layout.merges.append(Area(top + 1, left, bottom + 1, right))
    elif kind == _MULRK and len(body) >= 6:
        row, column = struct.unpack_from("<HH", body)
        layout.count(row + 1, column, 1, max((len(body) - 6) // 6, 1))


def _fault(layout: Layout, kind: int, body: bytes, place: tuple[int, int]) -> None:
    if kind == _BOOLERR and body[7:8] == b"\x01":
        layout.faults[place] = _ERRORS.get(body[6], "#N/A")
    if kind != _FORMULA:
        return
    layout.formulas += 1
    if body[12:14] == b"\xff\xff" and body[6:7] == b"\x02":
        layout.faults[place] = _ERRORS.get(body[8] if len(body) > 8 else 42, "#N/A")
    elif body[12:14] == b"\xff\xff" and body[6:7] == b"\x03":
        # An empty text and no value at all are written alike.
        layout.faults[place] = "a formula without a saved value"
