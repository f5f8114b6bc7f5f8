"""The small language in which a module file says where a value stands.

`a` is a column of this row, a part of its index, or a scalar; `#` is the whole index, and a
number an index as such.
`a@b` is column a of whatever table has it, in the row that `b` names, and so on to the right:
`ifName@entAliasIfIndex@#`. Terms are added and subtracted, and may have a factor:
`total - 1024*free`. A text has such paths in braces: `"{entPhysicalName@#} (slot {slot})"`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hatang.drivers.protocols import SnmpValue

_PATH: Final = re.compile(r"(?:#|[A-Za-z_]\w*)(?:@(?:#|\d+|[A-Za-z_]\w*))*")
_TERM: Final = re.compile(rf"(?:(?P<factor>\d+(?:\.\d+)?)\*)?(?P<path>{_PATH.pattern})")
_SUM: Final = re.compile(r"[^ ]+(?: [-+] [^ ]+)*")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_NUMBER: Final = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")
MAX_TEXT: Final = 255
"""Longest text that becomes a label or a fact; what agents send beyond it is cut."""

_SHORT: Final = 24

Path = tuple[str, ...]


def number(value: SnmpValue | None) -> float | None:
    """Return a value as a number: as it is, or the number a text begins with."""
    if isinstance(value, int | float) or value is None:
        return value
    found = _NUMBER.match(value.decode("ascii", "replace") if isinstance(value, bytes) else value)
    return None if found is None else float(found[1])


def as_text(value: SnmpValue | None) -> str:
    """Return an SNMP value as text: printable, of bounded length, undecodable bytes replaced."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return _short(value) if len(value) <= _SHORT else _printable(_decoded(value))
    return _printable(str(value))


@lru_cache(maxsize=16_384)
def _short(value: bytes) -> str:
    """Return a short text, which many have in common: the ports of switches are called alike."""
    return _printable(_decoded(value))


def _decoded(value: bytes) -> str:
    return value[: 4 * MAX_TEXT].decode("utf-8", "replace").rstrip("\x00")


def _printable(text: str) -> str:
    if text.isprintable():
        return text[:MAX_TEXT]
    return "".join(c if c.isprintable() else "\ufffd" for c in text.rstrip("\x00"))[:MAX_TEXT]


def as_lines(value: SnmpValue | None) -> str:
    """Return an SNMP value as text that keeps its lines, for patterns to look through."""
    if not isinstance(value, bytes):
        return as_text(value)
    text = value[: 4 * MAX_TEXT].decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c in "\r\n\t" else " " for c in text)


@dataclass(frozen=True, slots=True)
class Sum:
    """Paths with the factor each counts with."""

    terms: tuple[tuple[float, Path], ...]

    @property
    def only(self) -> Path | None:
        """Return the path when there is just one, counted as it is."""
        return self.terms[0][1] if len(self.terms) == 1 and self.terms[0][0] == 1 else None


@dataclass(slots=True)
class Place:
    """A row: the values of all tables by column and index, the scalars, and where we stand."""

    columns: Mapping[str, Mapping[str, SnmpValue]]
    scalars: Mapping[str, SnmpValue]
    parts: Mapping[str, str]
    index: str = ""
    read: Callable[[SnmpValue | None], str] = field(default=as_text)

    def raw(self, path: Path) -> SnmpValue | None:
        """Return what stands at `path`, None where the agent gave nothing."""
        value = self._own(path[-1])
        for name in reversed(path[:-1]):
            if value is None:
                return None
            value = self.columns.get(name, {}).get(as_text(value))
        return value

    def _own(self, name: str) -> SnmpValue | None:
        if name == "#":
            return self.index
        if name.isdigit():
            return name
        if name in self.parts:
            return self.parts[name]
        cells = self.columns.get(name)
        return self.scalars.get(name) if cells is None else cells.get(self.index)

    def number(self, wanted: Sum) -> float | None:
        """Return the sum as a number, None when one of its terms is absent."""
        total: float = 0
        for factor, path in wanted.terms:
            value = number(self.raw(path))
            if value is None:
                return None
            total += factor * value
        return total

    def text(self, pieces: tuple[str | Path, ...]) -> str:
        """Return a text with its paths filled in, empty when one of them is."""
        out: list[str] = []
        for piece in pieces:
            filled = piece if isinstance(piece, str) else self.read(self.raw(piece)).strip()
            if not filled:
                return ""
            out.append(filled)
        return "".join(out)


@cache
def parse_sum(text: str) -> Sum:
    """Return the expression `text`.

    Raises:
        ValueError: it is none.
    """
    words = text.split(" ")
    terms = [_TERM.fullmatch(word) for word in words[::2]]
    if not _SUM.fullmatch(text) or not all(terms):
        raise ValueError("is no sum of paths such as `a`, `a@b` or `a - 0.1*b`")
    signs = [1, *(1 if word == "+" else -1 for word in words[1::2])]
    return Sum(
        tuple(
            (sign * _factor(term["factor"]), tuple(term["path"].split("@")))
            for sign, term in zip(signs, terms, strict=True)
            if term is not None
        )
    )


def _factor(text: str | None) -> float:
    return 1 if text is None else float(text) if "." in text else int(text)


@cache
def parse_text(text: str) -> tuple[str | Path, ...]:
    """Return the pieces of a text with paths in braces.

    Raises:
        ValueError: what stands in braces is no path.
    """
    pieces: list[str | Path] = []
    for number_, piece in enumerate(_BRACES.split(text)):
        if number_ % 2 == 0:
            pieces += [piece] if piece else []
        elif _PATH.fullmatch(piece):
            pieces.append(tuple(piece.split("@")))
        else:
            raise ValueError(f"has {{{piece}}}, which is no path such as {{a}} or {{a@b}}")
    return tuple(pieces)


def paths(*parsed: Sum | tuple[str | Path, ...]) -> Iterator[Path]:
    """Yield every path in `parsed`."""
    for one in parsed:
        if isinstance(one, Sum):
            yield from (path for _, path in one.terms)
        else:
            yield from (piece for piece in one if not isinstance(piece, str))
