"""The zip archive XLSX and ODS are: measured before anybody unpacks it."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Final

from inventory.sheets.book import MAX_ENTRIES, MAX_UNCOMPRESSED, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

# Markup of many equal rows shrinks a hundredfold; what shrinks more and is large is a bomb.
MAX_RATIO: Final = 200
RATIO_FREE: Final = 32 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_LOCAL_HEADER: Final = 30  # bytes before the name (APPNOTE 4.3.7)
_ENCRYPTED: Final = 0x1
_BOMB: Final = "Delete empty rows and columns, and pictures, and save it anew."


def open_archive(data: bytes, where: str) -> zipfile.ZipFile:
    """Return the archive, after unpacking all of it into nowhere within the limits.

    The sizes an archive declares may lie: each entry is counted as it really unpacks.

    Raises:
        InvalidInputError: a bomb, damaged, encrypted, or packed in a way spreadsheets never are.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise refuse(where, "is a damaged archive", "Copy the file anew.") from error
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ENTRIES or len(names) != len(entries):
        raise refuse(where, f"holds {len(entries)} parts, some of one name or too many", _BOMB)
    total = 0
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise refuse(where, "is encrypted", "Save it without a password.")
        for size in _unpacked(data, entry, where):
            total += size
            if total > MAX_UNCOMPRESSED:
                message = f"unpacks to more than {MAX_UNCOMPRESSED // 1024 // 1024} MiB"
                raise refuse(where, message, _BOMB)
            if total > RATIO_FREE and total > MAX_RATIO * len(data):
                raise refuse(where, f"unpacks to more than {MAX_RATIO} times its size", _BOMB)
    return archive


def part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part of a measured archive, empty when it has none of that name."""
    try:
        return archive.read(name)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        return b""


def _unpacked(data: bytes, entry: zipfile.ZipInfo, where: str) -> Iterator[int]:
    start = entry.header_offset
    header = data[start : start + _LOCAL_HEADER]
    start += _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
    start += int.from_bytes(header[28:30], "little")
    packed = memoryview(data)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield len(packed)
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise refuse(where, "is packed in an unusual way", "Save it anew as XLSX.")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    pending: bytes | memoryview = packed
    try:
        while pending and not unpacker.eof:
            yield len(unpacker.decompress(pending, _CHUNK))
            pending = unpacker.unconsumed_tail
    except zlib.error as error:
        raise refuse(where, "is a damaged archive", "Copy the file anew.") from error
