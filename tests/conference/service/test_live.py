"""A running meeting: who is in it, how they are heard, what bridges tell, and its minutes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy import update as sql_update

from conference import hearing, service
from conference import series as meeting_series
from conference.bridges.status import Participant, Stream
from conference.models import Meeting
from conference.models import Participant as Call
from conference.pushed import Event
from conference.series import update
from conference.service import bridges
from conference.service.attendance import observe, running, take
from conference.service.minutes import PointMinutes, digest
from hatang import clock, events
from hatang.errors import (
    ConflictError,
    DriverError,
    InvalidInputError,
    NotFoundError,
    Reason,
    UnauthenticatedError,
)
from hatang.metrics import REGISTRY
from hatang.settings import Settings
from inventory.models import Bridge, Unit
from tests.conference.service.test_meetings import AT, MEETING, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.clock import Hand
    from hatang.db import AnySession, Database

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def now() -> Iterator[Hand]:
    with clock.frozen(AT) as hand:
        yield hand


@pytest.fixture
def meeting(province: Database, admin: Actor) -> Database:
    put(province, admin)
    return province


def hear(database: Database, *people: tuple[str, int, int]) -> None:
    """Let the bridge tell of each (user, packets, lost) now."""
    told = [
        Participant(
            "1234",
            user,
            user,
            f"sip:{user}@10.9.1.2",
            streams=(Stream("rx", "video", packets=packets, packets_lost=lost),),
        )
        for user, packets, lost in people
    ]
    with database.write() as session:
        bridge = session.scalar(select(Bridge.id))
        assert bridge is not None
        observe(session, bridge, told, clock.now())


def live(database: Database, actor: Actor) -> service.Live:
    with database.read() as session:
        return service.live(session, actor, MEETING.uid)


def test_points_are_matched_and_the_worst_comes_first(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    hear(meeting, ("xa-01", 0, 0), ("Xã Yên Sơn", 0, 0))
    now.advance(20)
    hear(meeting, ("xa-01", 1000, 0), ("Xã Yên Sơn", 1000, 150))
    found = live(meeting, admin).points
    assert [(one.room, one.method) for one in found] == [
        ("room-02", "fuzzy"),
        ("room-01", "sip_uri"),
    ]
    assert (found[0].quality, found[0].loss_ratio, found[0].packets) == ("terrible", 0.15, 1000)


def test_who_is_no_longer_told_has_left_and_coming_back_is_a_drop(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    hear(meeting, ("xa-01", 0, 0))
    now.advance(20)
    hear(meeting)
    assert not any(one.is_in for one in live(meeting, admin).points)
    now.advance(20)
    hear(meeting, ("xa-01", 0, 0))
    point = next(one for one in live(meeting, admin).points if one.room == "room-01")
    assert (point.is_in, point.drops) == (True, 1)


def told(database: Database, actor: Actor) -> PointMinutes:
    with database.read() as session:
        return service.minutes(session, actor, MEETING.uid).points[0]


def test_who_left_long_after_the_end_was_there_until_the_end(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    hear(meeting, ("xa-01", 0, 0))
    now.advance(3 * 86_400)
    with meeting.write() as session:
        bridge = session.scalars(select(Bridge.id)).one()
        take(session, bridge, [Event("left", clock.now(), "1234", "xa-01")])
    assert told(meeting, admin).left_at == MEETING.ends_at
    assert told(meeting, admin).present_seconds == 2 * 3600


@pytest.mark.parametrize("still", [(), (("xa-01", 0, 0),)])
def test_who_is_heard_of_long_after_the_end_left_at_the_end(
    meeting: Database, now: Hand, still: tuple[tuple[str, int, int], ...]
) -> None:
    hear(meeting, ("xa-01", 0, 0))
    now.advance(3 * 86_400)
    hear(meeting, *still)
    with meeting.read() as session:
        calls = session.execute(select(Call.meeting_id, Call.left_at).order_by(Call.id)).all()
    first, *later = [tuple(call) for call in calls]
    assert first[1] == MEETING.ends_at
    assert later == [(None, None)] * len(still)


def test_a_room_with_two_devices_is_in_once_and_drops_when_both_left(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    both = [("xa-01", 0, 0), ("room-01", 0, 0)]
    for people in (both, both, both[:1], both):
        hear(meeting, *people)
        now.advance(20)
    hear(meeting, *both[:1])
    point = next(one for one in live(meeting, admin).points if one.room == "room-01")
    assert (point.is_in, point.left_at, point.drops) == (True, None, 0)
    own = told(meeting, admin)
    assert (own.present_seconds, own.drops, own.left_at) == (80, 0, None)
    assert sum(own.seconds_by_quality.values()) == 100


def test_a_second_camera_makes_no_second_window(meeting: Database, admin: Actor) -> None:
    streams = (Stream("rx", "video", loss_ratio=0.0), Stream("rx", "video", loss_ratio=0.2))
    who = Participant("1234", "xa-01", "xa-01", "sip:xa-01@10.9.1.2", streams=streams)
    with meeting.write() as session:
        bridge = session.scalars(select(Bridge.id)).one()
        observe(session, bridge, [who, who], clock.now())
    assert live(meeting, admin).points[1].quality == "terrible"


def job(database: Database) -> Any:
    return SimpleNamespace(settings=Settings(), db=database, step=lambda _, body: body())


def test_a_bridge_that_breaks_silences_no_other(
    meeting: Database, monkeypatch: pytest.MonkeyPatch, now: Hand
) -> None:
    async def people_of(*_: object, **__: object) -> list[Participant]:
        return []

    def access(session: AnySession, actor: Actor, code: str) -> object:
        if code == "broken":
            raise ValueError(code)
        return bridges.access(session, actor, code)

    monkeypatch.setattr(hearing, "people_of", people_of)
    monkeypatch.setattr(hearing, "access", access)
    monkeypatch.setattr(hearing, "running", lambda *_: [(9, "broken"), (1, "mcu-1")])
    monkeypatch.setattr(hearing, "TOLD", {})
    assert hearing.hear(job(meeting), {}) == {"bridges": 1}
    assert hearing.told() == {"mcu-1"}
    now.advance(61)
    assert hearing.told() == set()


def test_who_is_no_point_is_a_stranger(meeting: Database, admin: Actor) -> None:
    hear(meeting, ("khach", 0, 0))
    assert live(meeting, admin).strangers == ("khach",)


def test_what_was_heard_a_minute_ago_holds_no_longer(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    hear(meeting, ("xa-01", 0, 0))
    now.advance(20)
    hear(meeting, ("xa-01", 1000, 0))
    now.advance(61)
    point = next(one for one in live(meeting, admin).points if one.room == "room-01")
    assert point.quality == "unknown"


def test_bridges_are_asked_while_they_have_a_meeting(meeting: Database) -> None:
    with meeting.read() as session:
        assert [code for _, code in running(session, AT)] == ["mcu-1"]
        assert running(session, AT - timedelta(hours=2)) == []
        assert running(session, AT + timedelta(hours=3)) == []


def test_minutes_count_presence_bands_and_prove_themselves(
    meeting: Database, admin: Actor, now: Hand
) -> None:
    for lost in (0, 0, 50, 60):
        hear(meeting, ("xa-01", 1000 * round(now.elapsed / 20), lost))
        now.advance(20)
    with meeting.read() as session:
        found = service.minutes(session, admin, MEETING.uid)
    own = found.points[0]
    assert (found.invited, found.attended, own.present_seconds) == (2, 1, 80)
    assert own.seconds_by_quality == {
        "unknown": 20,
        "good": 20,
        "ok": 20,
        "bad": 20,
        "terrible": 0,
    }
    assert own.worst_loss_ratio == 0.05
    assert found.points[1].joined_at is None
    assert found.sha256 == digest(found)
    knows_more = replace(own, incidents=("hub 1",))
    assert digest(replace(found, points=(knows_more, *found.points[1:]))) == found.sha256


def event(name: str = "joined", at: float | None = None, user: int = 84) -> bytes:
    data: dict[str, Any] = {"event": name, "room": 1234, "id": user, "display": "room-01"}
    stamp = int((clock.now().timestamp() if at is None else at) * 1e6)
    return json.dumps({"type": 64, "timestamp": stamp, "event": {"data": data}}).encode()


def tell(database: Database, token: str, body: bytes) -> service.Taken:
    with database.write() as session:
        return service.ingest(session, "mcu-1", token, "janus", body)


@pytest.fixture
def token(meeting: Database, admin: Actor) -> str:
    with meeting.write() as session:
        return service.issue_token(session, admin, "mcu-1")


def test_what_a_bridge_tells_is_taken_in(meeting: Database, admin: Actor, token: str) -> None:
    assert tell(meeting, token, event()).events == 1
    point = next(one for one in live(meeting, admin).points if one.room == "room-01")
    assert (point.is_in, point.method) == (True, "explicit")


def test_told_again_it_is_refused(meeting: Database, token: str) -> None:
    body = event()
    tell(meeting, token, body)
    with pytest.raises(ConflictError):
        tell(meeting, token, body)


def test_what_was_told_within_another_message_is_taken_once(
    meeting: Database, admin: Actor, token: str
) -> None:
    joined, left = json.loads(event()), json.loads(event("leaving"))
    left["timestamp"] += 1_000_000
    tell(meeting, token, json.dumps([joined, left]).encode())
    tell(meeting, token, json.dumps([joined, left, joined]).encode())
    point = next(one for one in live(meeting, admin).points if one.room == "room-01")
    assert (point.is_in, point.drops) == (False, 0)


@pytest.mark.parametrize("away", [-16 * 60, 3 * 60])
def test_what_is_of_another_time_is_refused(meeting: Database, token: str, away: int) -> None:
    with pytest.raises(ConflictError):
        tell(meeting, token, event(at=AT.timestamp() + away))


def test_a_forged_token_is_refused(meeting: Database, token: str) -> None:
    for forged in ("", "x", token[:-1]):
        with pytest.raises(UnauthenticatedError):
            tell(meeting, forged, event())


def test_a_new_token_ends_the_one_before(meeting: Database, admin: Actor, token: str) -> None:
    with meeting.write() as session:
        service.issue_token(session, admin, "mcu-1")
    with pytest.raises(UnauthenticatedError):
        tell(meeting, token, event())


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:tuan@tinh
DTSTART:20261124T010000Z
DTEND:20261124T020000Z
SUMMARY:Họp tuần
ATTENDEE:sip:xa-01@10.9.1.2
RESOURCES:OTHER
END:VEVENT
END:VCALENDAR
"""


def imported(database: Database, actor: Actor, other: str) -> service.Imported:
    body = CALENDAR.replace("OTHER", other).encode()
    with database.write() as session:
        zone = service.DEFAULT_TERMS.zone
        return service.import_calendar(session, actor, body, zone, "mcu-1")


def test_a_calendar_puts_meetings_and_gives_them_back(province: Database, admin: Actor) -> None:
    assert imported(province, admin, "room-02").uids == ("tuan@tinh",)
    with province.read() as session:
        assert [one.room for one in service.list_points(session, admin, "tuan@tinh")] == [
            "room-01",
            "room-02",
        ]
        assert b"RESOURCES:room-01" in service.export_calendar(session, admin)


def test_a_calendar_with_an_unknown_point_puts_nothing(province: Database, admin: Actor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        imported(province, admin, "nowhere")
    assert [(one.where, one.value) for one in caught.value.problems] == [("event 1", "nowhere")]
    with province.read() as session:
        assert service.list_meetings(session, admin).total == 0


def series(name: str) -> dict[tuple[str, ...], float]:
    """Return a series' values by the labels after the meeting's."""
    found = REGISTRY.collect()
    (metric,) = (one for one in found if one.name == f"hatang_conference_{name}")
    return {tuple(one.labels.values())[1:]: one.value for one in metric.samples}


@pytest.fixture
def poor(meeting: Database, now: Hand) -> Database:
    """A meeting whose second room loses 15 of 100 packets, and whose first loses none."""
    hear(meeting, ("xa-01", 0, 0), ("Xã Yên Sơn", 0, 0))
    now.advance(20)
    hear(meeting, ("xa-01", 1000, 0), ("Xã Yên Sơn", 1000, 150))
    return meeting


def test_a_poor_point_names_the_line_that_no_good_one_uses(poor: Database, admin: Actor) -> None:
    worst, good = live(poor, admin).points
    assert (worst.room, worst.cause) == ("room-02", "xa-02 – hub-1")
    assert worst.element.startswith("link:")
    assert good.cause == ""


def test_a_running_meeting_is_told_as_series_and_no_more_when_it_is_over(
    poor: Database, now: Hand
) -> None:
    with poor.read() as session:
        update(session, {"mcu-1"})
    assert series("point_quality") == {("room-01", "xa-01"): 1, ("room-02", "xa-02"): 4}
    assert list(series("poor_points").values()) == [1]
    assert series("point_loss_ratio")["room-02", "xa-02", "rx", "video"] == 0.15
    assert series("point_rtt_seconds") == {}
    now.advance(3 * 3600)
    with poor.read() as session:
        update(session, {"mcu-1"})
    assert (series("point_quality"), series("poor_points")) == ({}, {})


def test_a_required_point_that_is_not_in_is_told(meeting: Database, now: Hand) -> None:
    hear(meeting)
    with meeting.read() as session:
        update(session, {"mcu-1"})
    assert list(series("point_absent")) == [("room:room-01", "xa-01", "Phòng họp Tân Lập")]


@pytest.mark.parametrize("reason", [Reason.NOT_SUPPORTED, Reason.TIMEOUT])
def test_nobody_is_said_to_be_absent_whose_bridge_does_not_tell(
    meeting: Database, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    async def people_of(*_: object, **__: object) -> list[Participant]:
        raise DriverError("it does not tell", reason)

    monkeypatch.setattr(hearing, "people_of", people_of)
    monkeypatch.setattr(hearing, "TOLD", {})
    assert hearing.hear(job(meeting), {}) == {"bridges": 0}
    assert (series("point_absent"), series("participants")) == ({}, {})


def test_a_meeting_that_cannot_be_read_hides_no_other(
    meeting: Database, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(meeting, admin, replace(MEETING, uid="broken@tinh"))

    def read(session: AnySession, actor: Actor, uid: str) -> service.Live:
        if uid == "broken@tinh":
            raise ValueError(uid)
        return service.live(session, actor, uid)

    monkeypatch.setattr(meeting_series, "live", read)
    with meeting.read() as session:
        update(session, {"mcu-1"})
    assert len(series("point_absent")) == 1


def test_a_meeting_is_shown_as_its_own_unit_may_read_it(
    meeting: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = []

    def read(session: AnySession, actor: Actor, uid: str) -> service.Live:
        reached.append(actor.scope_ids)
        return service.live(session, actor, uid)

    monkeypatch.setattr(meeting_series, "live", read)
    with meeting.write() as session:
        own = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-01")).one()
        session.execute(sql_update(Meeting).values(scope_id=own))
        update(session, {"mcu-1"})
    assert reached == [frozenset({own})]


def test_every_window_of_a_point_can_be_read(poor: Database, admin: Actor) -> None:
    with poor.read() as session:
        rows = service.windows(session, admin, MEETING.uid, "room-02")
        assert [one.packets_lost for one in rows] == [None, 150]
        with pytest.raises(NotFoundError):
            service.windows(session, admin, MEETING.uid, "nowhere")


def test_new_windows_are_told_to_who_watches(poor: Database) -> None:
    with poor.read() as session:
        told = events.read_after(session, 0, ["conference.live"], 10)
    assert [one.key for one in told] == [f"meeting/{MEETING.uid}"] * 2
