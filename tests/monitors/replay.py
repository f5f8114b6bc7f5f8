"""Agents that answer from a recording: .snmprec and .snmpwalk files, in memory."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.snmp.parts import poll_in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.snmp import Query, Reading

_ESCAPE: Final = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")
_WALK: Final = re.compile(r"^\.?([0-9.]+) = (?:([A-Za-z0-9-]+): ?)?(.*)$")
_IN_BRACKETS: Final = re.compile(r"\((-?\d+)\)")
_TEXTS: Final = frozenset({"STRING", "Hex-STRING", "BITS"})


@dataclass
class Recording:
    """Fills SnmpReader; what was not recorded is not there."""

    values: dict[str, SnmpValue]
    gets: int = 0
    walks: int = 0
    asked: int = 0
    _sorted: list[tuple[tuple[int, ...], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sorted = sorted((numbers(oid), oid) for oid in self.values)

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        self.gets += 1
        self.asked += len(oids)
        return {oid: self.values[oid] for oid in oids if oid in self.values}

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        self.walks += len(columns)
        return {column: self._column(column) for column in columns}

    async def poll(self, query: Query) -> Reading:
        return await poll_in_parts(self, query)

    async def close(self) -> None:
        return

    def _column(self, column: str) -> dict[str, SnmpValue]:
        prefix = numbers(column)
        found: dict[str, SnmpValue] = {}
        for at in range(bisect_left(self._sorted, (prefix, "")), len(self._sorted)):
            key, oid = self._sorted[at]
            if key[: len(prefix)] != prefix:
                break
            if len(key) > len(prefix):
                found[oid[len(column) + 1 :]] = self.values[oid]
        return found


def numbers(oid: str) -> tuple[int, ...]:
    """Return an OID's numbers."""
    return tuple(int(part) for part in oid.split("."))


def recording(path: Path) -> Recording:
    """Return the agent recorded in `path`."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    read = snmprec if path.suffix == ".snmprec" else snmpwalk
    return Recording(read(text))


def snmprec(text: str) -> dict[str, SnmpValue]:
    """Return the values in snmpsim's format: OID|TAG|VALUE."""
    found: dict[str, SnmpValue] = {}
    for line in text.splitlines():
        parts = line.split("|", 2)
        if len(parts) == 3 and re.fullmatch(r"\.?[0-9.]+", parts[0]):
            value = _recorded(parts[1], parts[2])
            if value is not None:
                found[parts[0].strip(".")] = value
    return found


def _recorded(tag: str, text: str) -> SnmpValue | None:
    raw = text.encode("utf-8", "surrogateescape")
    kind = tag.rstrip("xe").partition(":")[0]
    if tag.endswith("x"):
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            return None
        if kind == "64":
            return ".".join(str(octet) for octet in raw)
    elif tag.endswith("e"):
        raw = _ESCAPE.sub(_unescape, raw)
    read = _TAGS.get(kind)
    try:
        return None if read is None else read(raw)
    except (ValueError, struct.error):
        return None


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code.startswith(b"x") and len(code) == 3:
        return bytes([int(code[1:], 16)])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0"}.get(code, code)


def _opaque(raw: bytes) -> SnmpValue:
    # net-snmp's Opaque-Float: 9f 78 04 and an IEEE 754 single.
    return struct.unpack(">f", raw[3:7])[0] if raw[:2] == b"\x9f\x78" else raw


_TAGS: Final[dict[str, Callable[[bytes], SnmpValue]]] = {
    "2": int,
    "4": bytes,
    "6": lambda raw: raw.decode().strip("."),
    "64": lambda raw: raw.decode(),
    "65": int,
    "66": int,
    "67": int,
    "68": _opaque,
    "70": int,
}


def snmpwalk(text: str) -> dict[str, SnmpValue]:
    """Return the values in what `snmpwalk -ObentU` prints."""
    found: dict[str, SnmpValue] = {}
    last: tuple[str, str] | None = None
    for line in text.splitlines():
        match = _WALK.match(line)
        if match is None:
            if last is not None and isinstance(found.get(last[0]), bytes):
                found[last[0]] = _more(found[last[0]], last[1], line)
            continue
        oid, kind, rest = match[1].strip("."), match[2] or "", match[3]
        value = _walked(kind, rest)
        last = (oid, kind)
        if value is not None:
            found[oid] = value
    return found


def _more(value: SnmpValue, kind: str, line: str) -> SnmpValue:
    assert isinstance(value, bytes)
    if kind == "Hex-STRING":
        try:
            return value + bytes.fromhex(line.strip())
        except ValueError:
            return value
    return value + b"\n" + line.rstrip('"').encode("utf-8", "surrogateescape")


def _walked(kind: str, text: str) -> SnmpValue | None:
    if kind in _TEXTS or (not kind and text.startswith('"')):
        return _string(kind, text)
    if kind == "OID":
        return text.strip(".")
    if kind in {"IpAddress", "Network Address"}:
        return text
    if kind == "Opaque":
        return _float(text)
    found = _IN_BRACKETS.search(text) or re.match(r"(-?\d+)", text)
    return int(found[1]) if found and (kind or found[0] == text) else None


def _string(kind: str, text: str) -> bytes | None:
    if kind == "Hex-STRING":
        try:
            return bytes.fromhex(text.strip())
        except ValueError:
            return None
    plain = text[1:] if text.startswith('"') else text
    plain = plain[:-1] if text.startswith('"') and plain.endswith('"') else plain
    return plain.encode("utf-8", "surrogateescape")


def _float(text: str) -> float | None:
    found = re.search(r"(-?\d+(?:\.\d+)?)\s*$", text)
    return float(found[1]) if found else None
