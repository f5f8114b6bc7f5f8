"""Reading the index of a row: the numbers behind a column's OID, in the parts a MIB declares.

RFC 2578 section 7.7 says how each kind is written as numbers.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Kind = Literal["integer", "ipv4", "mac", "string", "implied", "inet", "oid"]
"""`string` has its length in front, `implied` goes to the end; `inet` is InetAddressType and
InetAddress (RFC 4001); `oid` is the numbers that are left."""


class IndexPart(BaseModel):
    """A part of a row's index; `size` is the length of a string that does not tell it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
    kind: Kind = "integer"
    size: Annotated[int, Field(ge=0, le=128)] = 0


Taken = tuple[str, int]
"""The text of a part and how many numbers it took."""


def split_index(index: str, parts: Sequence[IndexPart]) -> tuple[str, ...] | None:
    """Return the parts of a row's index as label values, None when it has another shape."""
    if len(parts) == 1 and parts[0].kind == "integer":
        return (index,) if index.isascii() and index.isdigit() else None
    numbers = index.split(".")
    values: list[str] = []
    try:
        for part in parts:
            text, taken = _TAKE[part.kind](numbers, part.size)
            if taken > len(numbers):
                return None
            values.append(text)
            numbers = numbers[taken:]
    except (ValueError, IndexError):
        return None
    return None if numbers else tuple(values)


def _integer(numbers: list[str], _: int) -> Taken:
    return str(int(numbers[0])), 1


def _ipv4(numbers: list[str], _: int) -> Taken:
    return ".".join(numbers[:4]), 4


def _mac(numbers: list[str], _: int) -> Taken:
    if len(numbers) < 6:
        raise ValueError("too short for an address")
    return bytes(map(int, numbers[:6])).hex(":"), 6


def _string(numbers: list[str], size: int) -> Taken:
    if size:
        return _characters(numbers[:size]), size
    length = int(numbers[0])
    if length > len(numbers) - 1:
        raise ValueError("shorter than it says")
    return _characters(numbers[1 : length + 1]), length + 1


def _implied(numbers: list[str], _: int) -> Taken:
    return _characters(numbers), len(numbers)


def _inet(numbers: list[str], _: int) -> Taken:
    length = int(numbers[1])
    octets = bytes(map(int, numbers[2 : length + 2]))
    if len(octets) != length:
        raise ValueError("shorter than it says")
    # ipv4z and ipv6z (types 3 and 4) carry four octets of zone behind the address.
    size = {1: 4, 2: 16, 3: 4, 4: 16}.get(int(numbers[0]))
    return (str(ip_address(octets[:size])) if size else _shown(octets)), length + 2


def _oid(numbers: list[str], _: int) -> Taken:
    return ".".join(numbers), len(numbers)


def _characters(numbers: list[str]) -> str:
    return _shown(bytes(map(int, numbers)))


def _shown(octets: bytes) -> str:
    text = octets.decode("utf-8", "replace")
    return text if text.isprintable() else octets.hex(":")


_TAKE: Final[Mapping[Kind, Callable[[list[str], int], Taken]]] = {
    "integer": _integer,
    "ipv4": _ipv4,
    "mac": _mac,
    "string": _string,
    "implied": _implied,
    "inet": _inet,
    "oid": _oid,
}
