"""What bridges tell by themselves is understood whole or refused with its place."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.pushed import JOINED, LEFT, read
from hatang.errors import InvalidInputError

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CDR = b"""<?xml version="1.0"?><records session="s" callBridge="b">
<record type="callStart" time="2026-11-23T01:00:00Z" recordIndex="1" correlatorIndex="4">
<call id="c"><name>Giao ban</name></call></record>
<record type="callLegStart" time="2026-11-23T01:00:00Z" recordIndex="2" correlatorIndex="5">
<callLeg id="leg-1"><displayName>Xa Tan Lap</displayName><remoteParty>xa-01@tinh.test</remoteParty>
<remoteAddress>10.9.1.2</remoteAddress><call>c</call></callLeg></record>
<record type="callLegEnd" time="2026-11-23T01:00:30Z" recordIndex="3" correlatorIndex="8">
<callLeg id="leg-1"><reason>callDrop</reason><durationSeconds>30</durationSeconds></callLeg>
</record>
</records>"""
SINK = {
    "node": "10.9.0.1",
    "seq": 7,
    "version": 2,
    "time": AT.timestamp(),
    "event": "participant_connected",
    "data": {"uuid": "p-1", "display_name": "Xã 01", "conference": "Giao ban",
             "source_alias": "sip:xa-01@tinh.test", "remote_address": "10.9.1.2"},
}  # fmt: skip
JANUS = [
    {"type": 64, "timestamp": int(AT.timestamp() * 1e6), "event": {
        "plugin": "janus.plugin.videoroom",
        "data": {"event": "joined", "room": 1234, "id": 84, "display": "Xã 01"}}},
    {"type": 16, "timestamp": int(AT.timestamp() * 1e6), "event": {"connection": "webrtcup"}},
    {"type": 64, "timestamp": int(AT.timestamp() * 1e6), "event": {
        "data": {"event": "leaving", "room": 1234, "id": 84}}},
]  # fmt: skip


def test_call_records_tell_who_came_and_went_and_what_is_missing() -> None:
    found = read("cdr", CDR)
    assert [(one.kind, one.remote_id) for one in found.events] == [
        (JOINED, "leg-1"),
        (LEFT, "leg-1"),
    ]
    assert (found.events[0].remote_uri, found.events[1].reason) == ("xa-01@tinh.test", "callDrop")
    assert found.missing == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_entities_are_refused_in_whatever_encoding(encoding: str) -> None:
    named = "utf-16" if encoding.startswith("utf-16") else encoding
    text = f'<?xml version="1.0" encoding="{named}"?><!DOCTYPE r [<!ENTITY a "x">]><records/>'
    with pytest.raises(InvalidInputError, match="declares entities"):
        read("cdr", text.encode(encoding))


def test_an_event_sink_tells_who_came() -> None:
    (found,) = read("eventsink", json.dumps(SINK).encode()).events
    assert (found.kind, found.at, found.remote_ip) == (JOINED, AT, "10.9.1.2")


def test_janus_tells_who_came_and_went() -> None:
    found = read("janus", json.dumps(JANUS).encode())
    assert [one.kind for one in found.events] == [JOINED, LEFT]
    assert len(found.times) == 3


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("cdr", b"{}"),
        ("cdr", b"<status/>"),
        ("cdr", b"<!DOCTYPE x [<!ENTITY a 'b'>]><records/>"),
        ("cdr", CDR.replace(b"2026-11-23T01:00:00Z", b"soon")),
        ("cdr", CDR.replace(b'id="leg-1"', b'key="leg-1"')),
        ("eventsink", b"[]"),
        ("eventsink", b"\xff"),
        ("eventsink", json.dumps(SINK | {"time": None}).encode()),
        ("eventsink", json.dumps(SINK | {"data": {}}).encode()),
        ("janus", b"[1]"),
        ("janus", json.dumps([JANUS[0] | {"timestamp": 1e30}]).encode()),
        ("other", b""),
    ],
)
def test_what_cannot_be_understood_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(kind, body)


@given(st.sampled_from(["cdr", "eventsink", "janus"]), st.binary(max_size=200))
def test_no_bytes_raise_anything_else(kind: str, body: bytes) -> None:
    with suppress(InvalidInputError):
        read(kind, body)
