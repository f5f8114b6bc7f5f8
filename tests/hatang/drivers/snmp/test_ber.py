"""Writing BER: what pyasn1 reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder  # type: ignore[import-untyped]  # ships no types

from hatang.drivers.snmp.ber import (
    DecodeError,
    arc_octets,
    arcs_of,
    integer,
    oid_octets,
    oid_text,
    tlv,
)

ARCS = st.lists(st.integers(0, 2**32 - 1), max_size=20)


@given(st.integers(-(2**63), 2**64))
def test_an_integer_is_what_another_library_reads(value: int) -> None:
    assert int(decoder.decode(integer(value))[0]) == value


@given(st.integers(0, 1), st.integers(0, 39), ARCS)
def test_an_identifier_is_what_another_library_reads(
    first: int, second: int, rest: list[int]
) -> None:
    text = ".".join(map(str, (first, second, *rest)))
    octets = oid_octets(text)
    assert str(decoder.decode(tlv(6, octets))[0]) == text
    assert oid_text(octets) == text
    assert oid_octets(f".{text}") == octets


@given(ARCS)
def test_arcs_survive_the_way_there_and_back(arcs: list[int]) -> None:
    assert list(arcs_of(arc_octets(arcs))) == arcs


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_535, 65_536])
def test_a_length_is_what_another_library_reads(size: int) -> None:
    assert len(bytes(decoder.decode(tlv(4, bytes(size)))[0])) == size


@pytest.mark.parametrize("text", ["", "1", "3.1.2", "1.40.1", "1.3.4294967296", "1.3.x", "1.3.-1"])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the message is Python's for some of them
        oid_octets(text)


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\x80\x01", "padded"),
        (b"\x2b\x86", "cut"),
        (b"\x90\x80\x80\x80\x00", "32 bits"),
        (b"\x01" * 129, "128 arcs"),
    ],
)
def test_octets_that_are_no_arcs_are_refused(octets: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        arcs_of(octets)
