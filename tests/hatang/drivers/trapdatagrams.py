"""Builds notifications byte by byte, right ones and hostile ones."""

from __future__ import annotations

COMMUNITY = b"stored-community"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1.4"


def element(tag: int, content: bytes) -> bytes:
    """Return one BER element."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content


def oid(text: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in text.split("."))
    content = b""
    for arc in (first * 40 + second, *rest):
        part = bytes([arc & 0x7F])
        while arc := arc >> 7:
            part = bytes([arc & 0x7F | 0x80]) + part
        content += part
    return element(0x06, content)


def number(value: int) -> bytes:
    """Return an INTEGER."""
    return element(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def varbind(name: str, value: bytes) -> bytes:
    """Return one variable."""
    return element(0x30, oid(name) + value)


def trap_v2(
    *variables: bytes,
    tag: int = 0xA7,
    community: bytes = COMMUNITY,
    request: int = 1,
    about: str = LINK_DOWN,
) -> bytes:
    """Return a v2c notification about `about`, of port 4 unless `variables` are given."""
    given = b"".join(variables) or varbind(IF_INDEX, number(4))
    varbinds = element(0x30, varbind(TRAP_OID, oid(about)) + given)
    pdu = element(tag, number(request) + number(0) + number(0) + varbinds)
    return element(0x30, number(1) + element(0x04, community) + pdu)


def trap_v1(generic: int, specific: int, community: bytes = COMMUNITY) -> bytes:
    """Return a v1 trap of the enterprise 318."""
    pdu = element(
        0xA4,
        oid("1.3.6.1.4.1.318")
        + element(0x40, bytes([10, 0, 0, 1]))
        + number(generic)
        + number(specific)
        + element(0x43, b"\x01")
        + element(0x30, varbind(IF_INDEX, number(4))),
    )
    return element(0x30, number(0) + element(0x04, community) + pdu)
