"""What a file is, told by its bytes: a name's extension says only what somebody meant."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath
from typing import Final

from inventory.sheets.book import MAX_BYTES, refuse


class Format(StrEnum):
    """What inventory files come in."""

    YAML = "YAML"
    CSV = "CSV"
    XLSX = "XLSX"
    XLS = "XLS"
    ODS = "ODS"


_SAVE: Final = "Open it in a spreadsheet program and save it as XLSX."
_EXTENSIONS: Final = {
    ".yaml": Format.YAML, ".yml": Format.YAML, ".csv": Format.CSV, ".tsv": Format.CSV,
    ".txt": Format.CSV, ".xlsx": Format.XLSX, ".xlsm": Format.XLSX, ".xltx": Format.XLSX,
    ".xls": Format.XLS, ".xlt": Format.XLS, ".ods": Format.ODS, ".ots": Format.ODS,
}  # fmt: skip
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Bare BIFF streams of Excel 2 to 4.
_OLD_BIFF: Final = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_FOREIGN: Final = (
    (b"%PDF", "is a PDF"),
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"Rar!", "is a RAR archive"),
    (b"7z\xbc\xaf", "is a 7z archive"),
    (b"\x1f\x8b", "is a gzip archive"),
    (b"{\\rtf", "is an RTF document"),
)
_MARKUP: Final = re.compile(rb"\s*<(?:!doctype html|html|head|table|meta)", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml")
_YAML: Final = re.compile(
    r"(?:\ufeff|\s|#[^\n]*\n|---\s)*(?:version\s*:\s*\S+\s*(?:#[^\n]*)?$|[a-z_]+:\s*$|[{])",
    re.MULTILINE,
)


def format_of(data: bytes, where: str) -> Format:
    """Return what `data` is; text is CSV unless it begins as the inventory's YAML does.

    Raises:
        InvalidInputError: it is nothing an inventory is read from; the problem says what it is.
    """
    if len(data) > MAX_BYTES:
        fix = f"Split it: {MAX_BYTES // 1024 // 1024} MiB are read at most."
        raise refuse(where, "is too large", fix)
    if not data.strip():
        raise refuse(where, "is empty", "Give a file with rows.")
    if data.startswith(_ZIP):
        return _zipped(data, where)
    if data.startswith(_OLE):
        return Format.XLS
    if data.startswith(_OLD_BIFF):
        raise refuse(where, "is a workbook of Excel 4 or older", _SAVE)
    _refuse_foreign(data, where)
    return _text(data, where)


def named_format(where: str) -> Format | None:
    """Return what the name of a file promises."""
    return _EXTENSIONS.get(PurePath(where).suffix.lower())


def _zipped(data: bytes, where: str) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise refuse(where, "is a damaged archive", "Copy the file anew.") from error
    if "xl/workbook.xml" in names:
        return Format.XLSX
    if "xl/workbook.bin" in names:
        raise refuse(where, "is a binary workbook (XLSB)", _SAVE)
    # The mimetype comes first and uncompressed (ODF 1.2, part 3, 3.3).
    if "content.xml" in names and _ODS in data[:200]:
        return Format.ODS
    kind = next(
        (word for part, word in (("word/", "a Word document"), ("ppt/", "a presentation"))
         if any(name.startswith(part) for name in names)),
        "an archive without a workbook",
    )  # fmt: skip
    raise refuse(where, f"is {kind}", "Give the workbook itself.")


def _refuse_foreign(data: bytes, where: str) -> None:
    for start, message in _FOREIGN:
        if data.startswith(start):
            raise refuse(where, message, "Give YAML, CSV, XLSX, XLS or ODS.")
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(head):
        raise refuse(where, "is a web page that looks like a workbook", _SAVE)
    if _XML.match(head):
        raise refuse(where, "is XML", _SAVE)


def _text(data: bytes, where: str) -> Format:
    head = data[:65536]
    named = named_format(where)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Format.YAML if named is Format.YAML else Format.CSV
    sniffed = _YAML.match(head.decode("latin-1").replace("\r\n", "\n")) is not None
    if sniffed:
        return Format.YAML
    if b"\x00" in head and not _is_utf16(head):
        raise refuse(where, "is no text and no workbook", "Give YAML, CSV, XLSX, XLS or ODS.")
    return Format.YAML if named is Format.YAML else Format.CSV


def _is_utf16(head: bytes) -> bool:
    # Latin letters in UTF-16 without a mark: every other byte is zero.
    odd, even = head[1::2].count(0), head[0::2].count(0)
    return max(odd, even) > len(head) // 5 and min(odd, even) < len(head) // 50 + 1
