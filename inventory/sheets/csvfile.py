"""CSV as offices write it: whatever encoding, delimiter and quoting their program chose."""

from __future__ import annotations

import csv
import io
import unicodedata
from typing import Final

from inventory.sheets.book import MAX_CELLS, MAX_TEXT, Book, Sheet, refuse
from inventory.sheets.vietnamese import Encoding, decode, spelling

_DELIMITERS: Final = ",;\t"
_UTF16: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_LOOKED_AT: Final = 200  # lines that tell the delimiter
_WEIGHED: Final = 20_000  # characters that tell the encoding


def read_csv(data: bytes, where: str) -> Book:
    """Return the one sheet of a CSV file; all its cells are texts.

    Raises:
        InvalidInputError: no encoding fits, an open quote, or beyond the limits.
    """
    text, encoding = _decoded(data, where)
    delimiter = _delimiter(text)
    sheet = Sheet("CSV")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    csv.field_size_limit(MAX_TEXT * 4)
    cells, line = 0, 1
    try:
        for row in reader:
            found = {column: cell for column, cell in enumerate(row) if cell.strip()}
            if found and not _names_delimiter(row, line):
                sheet.rows[line] = dict(found)
                cells += len(found)
            if cells > MAX_CELLS:
                raise refuse(where, f"holds more than {MAX_CELLS} cells", "Split it.")
            line = reader.line_num + 1
    except csv.Error as error:
        fix = "Close the quotes, or save it anew."
        raise refuse(where, f"is no CSV from line {line} on ({error})", fix) from error
    shown = {"\t": "tab"}.get(delimiter, delimiter)
    return Book(where, "CSV", [sheet], [f"read as {encoding} with the delimiter {shown}"])


def _decoded(data: bytes, where: str) -> tuple[str, str]:
    if data[:2] in _UTF16:
        return _utf16(data[2:], _UTF16[data[:2]], where), "UTF-16"
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _mixed(body, where)
    if "\x00" in text:
        odd = body[1::2].count(0) >= body[::2].count(0)
        return _utf16(body, "utf-16-le" if odd else "utf-16-be", where), "UTF-16"
    return text, "UTF-8"


def _utf16(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise refuse(where, "is no text in UTF-16", "Save it as CSV UTF-8.") from error


def _mixed(data: bytes, where: str) -> tuple[str, str]:
    """Return the text of lines of which some are UTF-8, pasted among those of a code page."""
    lines = data.split(b"\n")
    whole = [_unicode(line) for line in lines]
    others = [line for line, text in zip(lines, whole, strict=True) if text is None]
    text, encoding = _from_code_page(b"\n".join(others), where)
    if not any(one is not None and not one.isascii() for one in whole):
        return _merged(whole, text), encoding
    return _merged(whole, text), f"UTF-8, but for {len(others)} lines in {encoding},"


def _unicode(line: bytes) -> str | None:
    """Return the line when it is UTF-8 and no code page that happens to look so."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    score = spelling(text)
    return text if text.isascii() or (score.marked and score.right == score.marked) else None


def _merged(whole: list[str | None], others: str) -> str:
    rest = iter(others.split("\n"))
    return "\n".join(next(rest) if one is None else one for one in whole)


def _from_code_page(data: bytes, where: str) -> tuple[str, str]:
    """Return the text in the code page whose reading is best spelled, if one is spelled well."""
    latin = data.decode("latin-1")
    readings = {
        "windows-1258": unicodedata.normalize("NFC", data.decode("windows-1258", "replace")),
        "TCVN3": decode(latin, Encoding.TCVN3),
        "VNI": decode(data.decode("windows-1252", "replace"), Encoding.VNI),
    }
    judged = {name: spelling(text[:_WEIGHED]) for name, text in readings.items()}
    best = max(judged, key=lambda name: judged[name].right / max(judged[name].marked, 1))
    score = judged[best]
    rivals = [name for name, one in judged.items() if one.right == score.right]
    if not score.marked or score.right < score.marked * 0.6 or len(rivals) > 1:
        fix = "Save it as CSV UTF-8."
        raise refuse(where, "is in an encoding that cannot be told", fix)
    if best == "windows-1258":
        return readings[best], best
    # The repair is made, and shown, cell by cell.
    raw = latin if best == "TCVN3" else data.decode("windows-1252", "replace")
    return raw, f"the font code page {best}"


def _delimiter(text: str) -> str:
    lines = [line for line in text[:200_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    # A delimiter stands equally often in most lines; a comma also stands inside texts.
    return max(_DELIMITERS, key=lambda sign: (_steady(lines, sign), -_DELIMITERS.index(sign)))


def _steady(lines: list[str], sign: str) -> int:
    counts: dict[int, int] = {}
    for line in lines:
        quoted = line.split('"')[::2]
        number = sum(piece.count(sign) for piece in quoted)
        counts[number] = counts.get(number, 0) + 1
    return max((number * times for number, times in counts.items()), default=0)


def _names_delimiter(row: list[str], line: int) -> bool:
    return line == 1 and bool(row) and row[0].lower().startswith("sep=")
