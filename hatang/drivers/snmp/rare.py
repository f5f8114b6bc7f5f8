"""Values of the types that agents seldom send (RFC 2578 section 7.1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from hatang.drivers.snmp.ber import DecodeError, oid_text

if TYPE_CHECKING:
    from hatang.drivers.values import SnmpValue


def rare(tag: int, content: bytes) -> SnmpValue | None:
    """Return the value in `content`, None where there is none; raises DecodeError."""
    if tag in (0x05, 0x80, 0x81, 0x82):  # NULL, noSuchObject, noSuchInstance, endOfMibView
        return None
    if tag == 0x06:
        return oid_text(content)
    if tag == 0x40:
        if len(content) != 4:
            raise DecodeError("an IpAddress of an impossible size")
        return ".".join(map(str, content))
    if tag == 0x44:
        return _opaque(content)
    if tag in (0x03, 0x45):  # BIT STRING and NsapAddress, both historic (RFC 1442)
        return content
    raise DecodeError(f"a value of unknown type {tag:#04x}")


def _opaque(content: bytes) -> SnmpValue:
    # net-snmp's floats in Opaque: 9f 78 is a float of 4 octets, 9f 79 a double of 8.
    if content[:3] == b"\x9f\x78\x04" and len(content) == 7:
        return float(struct.unpack(">f", content[3:])[0])
    if content[:3] == b"\x9f\x79\x08" and len(content) == 11:
        return float(struct.unpack(">d", content[3:])[0])
    return content
