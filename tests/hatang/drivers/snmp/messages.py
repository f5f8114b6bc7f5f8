"""Messages made by hand, so that a test may break any octet of them."""

from __future__ import annotations

from hatang.drivers.snmp.ber import integer, oid_octets, tlv

Variable = tuple[bytes, int, bytes]
"""Name, tag and content of one variable, as octets."""

IF_DESCR, IF_SPEED, IF_OPER = (f"1.3.6.1.2.1.2.2.1.{column}" for column in (2, 5, 8))
UP_TIME = "1.3.6.1.2.1.1.3.0"
END_OF_VIEW, NO_OBJECT, NO_INSTANCE = 0x82, 0x80, 0x81


def variable(oid: str, tag: int, content: bytes) -> Variable:
    return oid_octets(oid), tag, content


def written(variables: list[Variable]) -> bytes:
    return b"".join(tlv(0x30, tlv(6, name) + tlv(tag, content)) for name, tag, content in variables)


def response(
    request_id: int, body: bytes, *, status: int = 0, index: int = 0, tag: int = 0xA2
) -> bytes:
    numbers = integer(request_id) + integer(status) + integer(index)
    return tlv(tag, numbers + tlv(0x30, body))


def message(pdu: bytes, *, version: int = 1, community: bytes = b"public") -> bytes:
    return tlv(0x30, integer(version) + tlv(4, community) + pdu)


def answer(request_id: int, variables: list[Variable]) -> bytes:
    return message(response(request_id, written(variables)))
