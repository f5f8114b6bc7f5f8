"""Rooms around a wave: who answers passes, who is silent fails, who cannot be asked is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.health import RoomHealth
from hatang.drivers.fakes import FakeSip
from hatang.drivers.protocols import SipResult
from hatang.gates import Verdict

if TYPE_CHECKING:
    from hatang.db import Database


def test_a_silent_room_fails_and_one_that_answers_busy_passes(province: Database) -> None:
    gate = RoomHealth(province, prober=FakeSip({"sip:xa-01@10.9.1.2:5060": SipResult(486, "", 1)}))
    found = gate.check(["room:room-01", "room:room-02", "room:gone"])
    assert [one.verdict for one in found] == [Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN]


def test_only_rooms_that_can_be_asked_are_covered(province: Database) -> None:
    with province.read() as session:
        asked = ["room:room-01", "room:gone", "device:core-1", "service:room-02"]
        assert RoomHealth(province).covers(session, asked) == ["room:room-01"]
