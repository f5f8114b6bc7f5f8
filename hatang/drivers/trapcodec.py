"""Reads SNMPv1 and v2c notifications: bounded work, every length checked before it is used.

Version 3 is not read here but in `trap`, by pysnmp; this is the path that a flood takes.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hatang.drivers.protocols import Notification

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpValue

# RFC 3416 section 3: the tags of the PDUs; RFC 1157 section 4.1.6 that of version 1's trap.
_RESPONSE: Final = 0xA2
_TRAP_V1: Final = 0xA4
_INFORM: Final = 0xA6
_TRAP_V2: Final = 0xA7
_SEQUENCE, _INTEGER, _OCTETS, _OID, _ADDRESS = 0x30, 0x02, 0x04, 0x06, 0x40
# RFC 2578 section 7.1: Counter32, Gauge32, TimeTicks, Counter64.
_NUMBERS: Final = frozenset({_INTEGER, 0x41, 0x42, 0x43, 0x46})
# RFC 3418: SNMPv2-MIB::snmpTrapOID.0, and snmpTraps, under which the generic ones stand.
TRAP_OID: Final = "1.3.6.1.6.3.1.1.4.1.0"
_GENERIC: Final = "1.3.6.1.6.3.1.1.5"
_ENTERPRISE_SPECIFIC: Final = 6
VERSIONS: Final = {0: "v1", 1: "v2c", 3: "v3"}

MAX_VARBINDS: Final = 64
"""Variables of one notification that are read; a real one has under twenty."""
_MAX_ARCS: Final = 128  # RFC 2578 section 3.5
_MAX_ARC: Final = 2**32 - 1
_LONGEST_NUMBER: Final = 9  # octets of a Counter64 with its sign


class DecodeError(ValueError):
    """The datagram is no notification of SNMPv1 or v2c."""


@dataclass(frozen=True, slots=True)
class Message:
    """A notification with what stands around it; `pdu_at` is where its PDU starts."""

    version: str
    community: bytes
    is_inform: bool
    pdu_at: int
    notification: Notification


def version(datagram: bytes) -> str:
    """Return `v1`, `v2c` or `v3`; raises DecodeError."""
    at, end = _enter(datagram, 0, len(datagram), _SEQUENCE)
    number, _ = _number(datagram, at, end)
    if number not in VERSIONS:
        raise DecodeError(f"there is no SNMP version {number}")
    return VERSIONS[number]


def read(datagram: bytes, source: str) -> Message:
    """Return the notification in `datagram`, which came from `source`.

    Version 1's traps get the OID that RFC 3584 section 3.1 gives them. Raises DecodeError.
    """
    try:
        return _read(datagram, source)
    except IndexError as error:
        raise DecodeError("it ends too early") from error


def answer(datagram: bytes, pdu_at: int) -> bytes:
    """Return the response to the inform in `datagram`: the same variables (RFC 3416, 4.2.7)."""
    return datagram[:pdu_at] + bytes([_RESPONSE]) + datagram[pdu_at + 1 :]


def _read(data: bytes, source: str) -> Message:
    name = version(data)
    at, end = _enter(data, 0, len(data), _SEQUENCE)
    _, at = _number(data, at, end)
    start, pdu_at = _enter(data, at, end, _OCTETS)
    community = data[start:pdu_at]
    tag = data[pdu_at]
    start, stop = _enter(data, pdu_at, end, tag)
    if name == "v1" and tag == _TRAP_V1:
        found = _trap_v1(data, start, stop)
    elif name == "v2c" and tag in {_TRAP_V2, _INFORM}:
        found = _trap_v2(data, start, stop)
    else:
        raise DecodeError("it is no notification")
    return Message(name, community, tag == _INFORM, pdu_at, replace(found, source=source))


def _trap_v1(data: bytes, at: int, end: int) -> Notification:
    enterprise, at = _typed(data, at, end, _OID)
    _, at = _enter(data, at, end, _ADDRESS)
    generic, at = _number(data, at, end)
    specific, at = _number(data, at, end)
    _, at = _enter(data, at, end, data[at])
    if generic == _ENTERPRISE_SPECIFIC:
        oid = f"{enterprise}.0.{specific}"
    else:
        oid = f"{_GENERIC}.{generic + 1}"
    return Notification("", oid, _varbinds(data, at, end))


def _trap_v2(data: bytes, at: int, end: int) -> Notification:
    for _ in range(3):  # request-id, error-status, error-index
        _, at = _number(data, at, end)
    varbinds = _varbinds(data, at, end)
    oid = next((value for name, value in varbinds if name == TRAP_OID), None)
    if not isinstance(oid, str):
        raise DecodeError("it does not say what it is about")
    return Notification("", oid, varbinds)


def _varbinds(data: bytes, at: int, end: int) -> tuple[tuple[str, SnmpValue], ...]:
    at, end = _enter(data, at, end, _SEQUENCE)
    found: list[tuple[str, SnmpValue]] = []
    while at < end and len(found) < MAX_VARBINDS:
        start, stop = _enter(data, at, end, _SEQUENCE)
        name, start = _typed(data, start, stop, _OID)
        value, _ = _value(data, start, stop)
        found.append((name, value))
        at = stop
    return tuple(found)


def _typed(data: bytes, at: int, end: int, tag: int) -> tuple[str, int]:
    if data[at] != tag:
        raise DecodeError("a part of it has the wrong type")
    value, at = _value(data, at, end)
    return str(value), at


def _value(data: bytes, at: int, end: int) -> tuple[SnmpValue, int]:
    """Return the value at `at` and where it ends; what has no value is empty octets."""
    tag = data[at]
    start, stop = _enter(data, at, end, tag)
    if tag in _NUMBERS:
        return _integer(data, start, stop, is_signed=tag == _INTEGER), stop
    if tag == _OID:
        return _oid(data, start, stop), stop
    if tag == _ADDRESS and stop - start == 4:
        return str(ipaddress.IPv4Address(data[start:stop])), stop
    return data[start:stop], stop


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = _enter(data, at, end, _INTEGER)
    return _integer(data, start, stop, is_signed=True), stop


def _integer(data: bytes, start: int, stop: int, *, is_signed: bool) -> int:
    if not 0 < stop - start <= _LONGEST_NUMBER:
        raise DecodeError("a number has no octets or too many")
    return int.from_bytes(data[start:stop], "big", signed=is_signed)


def _oid(data: bytes, start: int, stop: int) -> str:
    arcs: list[int] = []
    arc = 0
    for octet in data[start:stop]:
        arc = arc << 7 | octet & 0x7F
        if arc > _MAX_ARC + 80:
            raise DecodeError("a part of an OID is too large")
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or data[stop - 1] & 0x80 or len(arcs) >= _MAX_ARCS:
        raise DecodeError("an OID is cut off or too long")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _enter(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at `at` starts and ends; it must have `tag`."""
    if at + 2 > end or data[at] != tag:
        raise DecodeError("a part of it is missing or has the wrong type")
    size, start = data[at + 1], at + 2
    if size & 0x80:
        octets = size & 0x7F
        if not 0 < octets <= 4:
            raise DecodeError("a length has an unknown form")
        start += octets
        size = int.from_bytes(data[at + 2 : start], "big")
    if start + size > end:
        raise DecodeError("it ends too early")
    return start, start + size
