"""Streams are told apart on a wire by their SSRC, and nothing else counts as one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.wires import flows
from lab.wires.flows import Flows, Stream, key_of


def frame(ssrc: int = 7, kind: int = 96, first: int = 0x80, protocol: int = 17) -> bytes:
    ethernet = b"\0" * 12 + b"\x08\x00"
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 60, 0, 0, 64, protocol, 0,
                         bytes([10, 9, 1, 10]), bytes([10, 9, 9, 13]))  # fmt: skip
    return ethernet + header + b"\0" * 8 + struct.pack("!BBHII", first, kind, 1, 2, ssrc)


def test_a_stream_is_counted_by_who_sends_and_its_ssrc() -> None:
    counted = Flows()
    for dropped in (False, False, True):
        counted.count(frame(), dropped=dropped)
    counted.count(frame(ssrc=8), dropped=True)
    assert counted.streams == {"10.9.1.10 7": Stream(2, 1), "10.9.1.10 8": Stream(0, 1)}


@pytest.mark.parametrize(
    "other",
    [frame(kind=200), frame(first=0x16), frame(protocol=6), frame()[:40], b"", b"\0" * 60],
    ids=["RTCP", "DTLS", "TCP", "cut short", "empty", "no IPv4"],
)
def test_what_is_no_rtp_is_not_counted(other: bytes) -> None:
    assert key_of(other) is None


@given(st.binary(max_size=80))
def test_no_frame_breaks_the_wire(data: bytes) -> None:
    Flows().count(data, dropped=False)


def test_a_flood_of_streams_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "MOST_STREAMS", 2)
    counted = Flows()
    for ssrc in range(5):
        counted.count(frame(ssrc=ssrc), dropped=False)
    assert list(counted.streams) == ["10.9.1.10 0", "10.9.1.10 1"]
