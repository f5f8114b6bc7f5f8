"""Writing BER (X.690) as SNMP needs it, and object identifiers between text and octets."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_ID: Final = 0x06
SEQUENCE: Final = 0x30
# RFC 2578 section 7.1: an arc has at most 32 bits, an identifier at most 128 arcs.
_ARC_LIMIT: Final = 2**32
_ARCS: Final = 128


class DecodeError(ValueError):
    """What an agent sent is not what the standard says; compiled and pure code raise this."""


def tlv(tag: int, content: bytes) -> bytes:
    """Return `content` with its tag and length before it."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    if size < 0x100:
        return bytes((tag, 0x81, size)) + content
    octets = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | octets)) + size.to_bytes(octets, "big") + content


def integer(value: int) -> bytes:
    """Return `value` as an INTEGER in the fewest octets."""
    octets = (value + (value < 0)).bit_length() // 8 + 1
    return tlv(INTEGER, value.to_bytes(octets, "big", signed=True))


def fixed(value: int) -> bytes:
    """Return `value`, 0 to 2^31-1, as an INTEGER of exactly four octets, so it can be patched."""
    return b"\x02\x04" + value.to_bytes(4, "big")


@lru_cache(maxsize=65_536)
def oid_octets(text: str) -> bytes:
    """Return the content octets of the identifier `text`, dotted, with or without a leading dot.

    Raises:
        ValueError: `text` is not an object identifier.
    """
    arcs = [int(part) for part in text.removeprefix(".").split(".")]
    if len(arcs) < 2 or len(arcs) > _ARCS or arcs[0] > 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError(f"{text!r} is not an object identifier")
    return arc_octets([arcs[0] * 40 + arcs[1], *arcs[2:]])


def arc_octets(arcs: list[int]) -> bytes:
    """Return `arcs` in base 128, high octets first, as inside an identifier."""
    octets = bytearray()
    for arc in arcs:
        if not 0 <= arc < _ARC_LIMIT:
            raise ValueError(f"{arc} is no arc of an object identifier")
        groups = [arc & 0x7F]
        rest = arc >> 7
        while rest:
            groups.append(0x80 | rest & 0x7F)
            rest >>= 7
        octets += bytes(reversed(groups))
    return bytes(octets)


def arcs_of(octets: bytes) -> tuple[int, ...]:
    """Return the arcs in `octets`, the part of an identifier after its first two arcs.

    Raises:
        DecodeError: the last arc is cut, an arc is padded, or exceeds 32 bits.
    """
    arcs = []
    arc = 0
    inside = False
    for octet in octets:
        if not inside and octet == 0x80:
            raise DecodeError("padded arc in an object identifier")
        arc = arc << 7 | octet & 0x7F
        inside = octet >= 0x80
        if arc >= _ARC_LIMIT:
            raise DecodeError("arc of an object identifier exceeds 32 bits")
        if not inside:
            arcs.append(arc)
            arc = 0
    if inside:
        raise DecodeError("cut object identifier")
    if len(arcs) > _ARCS:
        raise DecodeError("object identifier has more than 128 arcs")
    return tuple(arcs)


def oid_text(octets: bytes) -> str:
    """Return the whole identifier in `octets` as dotted text; raises DecodeError."""
    arcs = arcs_of(octets)
    if not arcs:
        raise DecodeError("empty object identifier")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


@lru_cache(maxsize=65_536)
def index_text(octets: bytes) -> str:
    """Return the rest of an identifier after its column, dotted; raises DecodeError."""
    return ".".join(map(str, arcs_of(octets)))
