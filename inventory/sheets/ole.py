"""The compound file an XLS is (MS-CFB): its streams by name, followed within bounds."""

from __future__ import annotations

import struct
from typing import Final

from inventory.sheets.book import refuse

_FREE: Final = 0xFFFFFFFA  # sector numbers from here on are marks, not sectors
_HEADER: Final = 512
_ENTRY: Final = 128
_SMALL: Final = 4096  # shorter streams lie in the mini stream


class CompoundFile:
    """A compound file's directory and streams; every chain ends, for it visits a sector once."""

    def __init__(self, data: bytes, where: str) -> None:
        self._data = data
        self._where = where
        shift = int.from_bytes(data[30:32], "little")
        if len(data) < _HEADER or shift not in {9, 12}:
            raise self._damaged()
        self._size = 1 << shift
        self._table = self._allocation()
        self._entries = self._directory(int.from_bytes(data[48:52], "little"))

    @property
    def names(self) -> set[str]:
        """The names of all streams."""
        return set(self._entries)

    def stream(self, name: str) -> bytes:
        """Return the stream of this name; short ones lie elsewhere and are not wanted here."""
        first, size = self._entries.get(name, (_FREE, 0))
        return self._chain(first)[:size] if size >= _SMALL else self._mini(first, size)

    def _damaged(self) -> Exception:
        return refuse(self._where, "is a damaged workbook", "Copy the file anew.")

    def _sector(self, number: int) -> bytes:
        # The header fills the first sector of the file.
        start = (number + 1) * self._size
        return self._data[start : start + self._size]

    def _allocation(self) -> list[int]:
        places = [n for n in struct.unpack_from("<109I", self._data, 76) if n < _FREE]
        following = int.from_bytes(self._data[68:72], "little")
        seen: set[int] = set()
        while following < _FREE and following not in seen:
            seen.add(following)
            more = self._words(following)
            if not more:
                break
            places += [n for n in more[:-1] if n < _FREE]
            following = more[-1]
        most = len(self._data) // self._size + 1
        table: list[int] = []
        for place in places[:most]:
            table += self._words(place)
        return table

    def _words(self, number: int) -> list[int]:
        sector = self._sector(number)
        return list(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))

    def _chain(self, first: int) -> bytes:
        sectors, seen = [], set()
        while first < len(self._table) and first not in seen:
            seen.add(first)
            sectors.append(self._sector(first))
            first = self._table[first]
        return b"".join(sectors)

    def _directory(self, first: int) -> dict[str, tuple[int, int]]:
        raw = self._chain(first)
        entries: dict[str, tuple[int, int]] = {}
        for start in range(0, len(raw) - _ENTRY + 1, _ENTRY):
            entry = raw[start : start + _ENTRY]
            length = int.from_bytes(entry[64:66], "little")
            if not 2 <= length <= 64 or entry[66] not in {2, 5}:
                continue
            name = entry[: length - 2].decode("utf-16-le", "replace")
            sector, size = struct.unpack_from("<II", entry, 116)
            entries.setdefault(name, (sector, size))
        return entries

    def _mini(self, first: int, size: int) -> bytes:
        root, root_size = self._entries.get("Root Entry", (_FREE, 0))
        small = self._chain(root)[:root_size]
        raw = self._chain(int.from_bytes(self._data[60:64], "little"))
        table = struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])
        pieces, seen = [], set()
        while first < len(table) and first not in seen:
            seen.add(first)
            pieces.append(small[first * 64 : first * 64 + 64])
            first = table[first]
        return b"".join(pieces)[:size]
