"""Notifications of versions 1 and 2c: read right; a hostile one is refused, and that is all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers import trapcodec
from tests.hatang.drivers.trapdatagrams import (
    COMMUNITY,
    IF_INDEX,
    LINK_DOWN,
    element,
    oid,
    trap_v1,
    trap_v2,
    varbind,
)


def test_a_v2c_trap_is_read_with_its_variables() -> None:
    found = trapcodec.read(trap_v2(), "10.0.0.1")
    assert (found.version, found.community, found.is_inform) == ("v2c", COMMUNITY, False)
    assert found.notification.trap_oid == LINK_DOWN
    assert dict(found.notification.varbinds)[IF_INDEX] == 4
    assert found.notification.source == "10.0.0.1"


def test_a_v1_trap_gets_the_oid_of_its_generic_number() -> None:
    found = trapcodec.read(trap_v1(generic=2, specific=0), "10.0.0.1")
    assert (found.version, found.notification.trap_oid) == ("v1", LINK_DOWN)


def test_a_v1_trap_of_a_vendor_gets_the_oid_of_rfc_3584() -> None:
    found = trapcodec.read(trap_v1(generic=6, specific=5), "10.0.0.1")
    assert found.notification.trap_oid == "1.3.6.1.4.1.318.0.5"


def test_an_inform_is_answered_with_the_same_variables_in_a_response() -> None:
    datagram = trap_v2(tag=0xA6)
    found = trapcodec.read(datagram, "10.0.0.1")
    answer = trapcodec.answer(datagram, found.pdu_at)
    assert found.is_inform
    assert (len(answer), answer[found.pdu_at]) == (len(datagram), 0xA2)
    assert answer[found.pdu_at + 1 :] == datagram[found.pdu_at + 1 :]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (element(0x46, b"\x00" + b"\xff" * 8), 2**64 - 1),
        (element(0x02, b"\xff"), -1),
        (element(0x41, b"\xff"), 255),
        (element(0x40, bytes([10, 0, 0, 7])), "10.0.0.7"),
        (oid("2.999.3"), "2.999.3"),
        (element(0x04, b"\xff\xfe"), b"\xff\xfe"),
        (element(0x80, b""), b""),
    ],
)
def test_each_type_of_value_is_read(value: bytes, expected: object) -> None:
    found = trapcodec.read(trap_v2(varbind("1.3.6.1.4.1.9", value)), "10.0.0.1")
    assert dict(found.notification.varbinds)["1.3.6.1.4.1.9"] == expected


def test_no_more_variables_are_read_than_a_notification_has() -> None:
    many = b"".join(varbind(f"1.3.6.1.4.1.{n}", element(0x02, b"\x01")) for n in range(500))
    found = trapcodec.read(trap_v2(many), "10.0.0.1")
    assert len(found.notification.varbinds) == trapcodec.MAX_VARBINDS


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80\x00\x00",
        b"\x30\x03\x02\x01\x07",
        trap_v2()[:-3],
        trap_v2(tag=0xA0),
        trap_v2(varbind("1.3.6.1", element(0x02, b"\x01" * 40))),
        trap_v2(varbind("1.3.6.1", element(0x06, b"\xff" * 40))),
        trap_v2(varbind("1.3.6.1", element(0x06, b"\x01" * 400))),
    ],
    ids=[
        "empty",
        "cut",
        "huge length",
        "endless",
        "version",
        "short",
        "get",
        "number",
        "arc",
        "arcs",
    ],
)
def test_what_is_no_notification_is_refused(datagram: bytes) -> None:
    with pytest.raises(trapcodec.DecodeError):
        trapcodec.read(datagram, "10.0.0.1")


@given(st.binary(max_size=300))
def test_no_datagram_brings_more_than_a_decode_error(datagram: bytes) -> None:
    _readable_or_refused(datagram)


@given(st.integers(0, 2**32), st.sampled_from([trap_v2(), trap_v2(tag=0xA6), trap_v1(2, 0)]))
def test_no_damaged_notification_brings_more_than_a_decode_error(seed: int, good: bytes) -> None:
    chance = random.Random(seed)
    damaged = bytearray(good)
    for _ in range(chance.randint(1, 6)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    _readable_or_refused(bytes(damaged[: chance.randint(1, len(damaged))]))


def _readable_or_refused(datagram: bytes) -> None:
    try:
        found = trapcodec.read(datagram, "10.0.0.1")
    except trapcodec.DecodeError:
        return
    assert len(found.notification.varbinds) <= trapcodec.MAX_VARBINDS
