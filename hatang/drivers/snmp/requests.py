"""Request PDUs, kept as templates into which only the request id is patched."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from hatang.drivers.snmp.ber import OBJECT_ID, SEQUENCE, fixed, integer, tlv

GET: Final = 0xA0
GET_NEXT: Final = 0xA1
GET_BULK: Final = 0xA5
_NO_ERROR: Final = integer(0) + integer(0)
_EMPTY: Final = b"\x05\x00"


class Template(NamedTuple):
    """A PDU around the four octets of its request id."""

    head: bytes
    tail: bytes

    def filled(self, request_id: int) -> bytes:
        """Return the PDU with `request_id`, 0 to 2^31-1."""
        return self.head + request_id.to_bytes(4, "big") + self.tail


@lru_cache(maxsize=4096)
def get(oids: tuple[bytes, ...]) -> Template:
    """Return a GET of the instances `oids`, as octets."""
    return _template(GET, _NO_ERROR, oids)


@lru_cache(maxsize=4096)
def get_next(oids: tuple[bytes, ...]) -> Template:
    """Return a GETNEXT after each of `oids`."""
    return _template(GET_NEXT, _NO_ERROR, oids)


@lru_cache(maxsize=4096)
def get_bulk(
    single: tuple[bytes, ...], columns: tuple[bytes, ...], row: bytes, repetitions: int
) -> Template:
    """Return a GETBULK: what follows `single` once, and what follows `row` of each column.

    `columns` are prefixes; `row` is the rest they share, empty at the start (RFC 3416 4.2.3).
    """
    return _bulk(single, tuple(column + row for column in columns), repetitions)


def ragged_bulk(single: tuple[bytes, ...], after: tuple[bytes, ...], repetitions: int) -> Template:
    """Return a GETBULK in which each column goes on at another row; such ones are not kept."""
    return _bulk(single, after, repetitions)


def _bulk(single: tuple[bytes, ...], after: tuple[bytes, ...], repetitions: int) -> Template:
    return _template(GET_BULK, integer(len(single)) + integer(repetitions), single + after)


def _template(tag: int, numbers: bytes, oids: tuple[bytes, ...]) -> Template:
    names = b"".join(tlv(SEQUENCE, tlv(OBJECT_ID, oid) + _EMPTY) for oid in oids)
    rest = numbers + tlv(SEQUENCE, names)
    whole = tlv(tag, fixed(0) + rest)
    cut = len(whole) - len(rest)
    return Template(whole[: cut - 4], whole[cut:])
