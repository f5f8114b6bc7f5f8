"""Meetings are written idempotently and keep their sites booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference import service
from conference.service import MeetingInput, PointInput
from hatang import calendar, clock
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from inventory.models import Bridge, Device, Unit
from inventory.rows import Query
from playbooks.changes.bookings import require_clear

if TYPE_CHECKING:
    from hatang.db import Database

pytestmark = pytest.mark.slow

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEETING = MeetingInput(
    uid="giao-ban@tinh",
    title="Giao ban tháng 11",
    starts_at=AT,
    ends_at=AT + timedelta(hours=2),
    bridge="mcu-1",
    points=[PointInput("room-01", required=True), PointInput("room-02")],
)


def put(database: Database, actor: Actor, meeting: MeetingInput = MEETING) -> int:
    with database.write() as session:
        return service.put_meeting(session, actor, meeting)


def booked(database: Database) -> set[str]:
    with database.read() as session:
        found = calendar.overlapping(session, None, AT, AT + timedelta(hours=1))
        return {booking.element for booking in found}


def test_the_same_meeting_again_is_the_same_meeting(province: Database, admin: Actor) -> None:
    assert put(province, admin) == put(province, admin)
    with province.read() as session:
        assert service.list_meetings(session, admin).total == 1


def test_its_bridge_and_sites_are_booked_once(province: Database, admin: Actor) -> None:
    put(province, admin)
    put(province, admin)
    assert booked(province) >= {"bridge:mcu-1", "site:xa-01", "site:xa-02"}


def test_a_point_taken_out_is_no_longer_booked(province: Database, admin: Actor) -> None:
    put(province, admin)
    put(province, admin, replace(MEETING, points=[PointInput("room-01")]))
    assert "site:xa-01" in booked(province)
    assert not booked(province) & {"site:xa-02", "device:" + key_of(province, "r-02")}


def key_of(database: Database, name: str) -> str:
    with database.read() as session:
        return session.scalars(select(Device.device_key).where(Device.name == name)).one()


def test_the_way_to_the_bridge_is_booked(province: Database, admin: Actor) -> None:
    put(province, admin)
    hub = key_of(province, "hub-1")
    assert f"device:{hub}" in booked(province)
    assert f"device:{key_of(province, 'hub-2')}" not in booked(province)
    assert any(element.startswith("link:") for element in booked(province))


def test_a_change_on_a_hub_of_the_way_is_refused_while_the_meeting_runs(
    province: Database, admin: Actor
) -> None:
    put(province, admin)
    with province.read() as session:
        ids = dict(session.execute(select(Device.name, Device.id)).all())
        with clock.frozen(AT):
            require_clear(session, [ids["hub-2"]], 120)
            with pytest.raises(ConflictError, match="device:"):
                require_clear(session, [ids["hub-1"]], 120)
        with clock.frozen(AT + timedelta(hours=3)):
            require_clear(session, [ids["hub-1"]], 120)


def test_meetings_are_listed_a_page_at_a_time(province: Database, admin: Actor) -> None:
    for number in range(4):
        put(province, admin, replace(MEETING, uid=f"m{number}", title=f"{9 - number}"))
    with province.read() as session:
        page = service.list_meetings(session, admin, Query({}, "", "title", 2, 1))
    assert [row.uid for row in page.items] == ["m2", "m1"]
    assert page.total == 4


def test_a_cancelled_meeting_books_nothing(province: Database, admin: Actor) -> None:
    put(province, admin)
    put(province, admin, replace(MEETING, is_cancelled=True))
    assert booked(province) == set()


def test_everything_wrong_is_said_at_once(province: Database, admin: Actor) -> None:
    points = [PointInput("room-01"), PointInput("room-01"), PointInput("nowhere")]
    wrong = replace(MEETING, title=" ", ends_at=AT, bridge="none", points=points)
    with pytest.raises(InvalidInputError) as caught:
        put(province, admin, wrong)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["title", "ends_at", "bridge", "points[1].room", "points[2].room"]


def test_a_viewer_cannot_schedule(province: Database) -> None:
    viewer = Actor(5, "viewer", frozenset({Role.VIEWER}), None)
    with pytest.raises(DeniedError):
        put(province, viewer)


def test_the_next_meeting_is_the_one_that_has_not_ended(province: Database, admin: Actor) -> None:
    put(province, admin)
    put(province, admin, replace(MEETING, uid="x", starts_at=AT - timedelta(days=1)))
    with clock.frozen(AT - timedelta(hours=3)), province.read() as session:
        found = service.next_meeting(session, admin)
    assert found is not None
    assert found.uid == "x"


def test_an_unknown_meeting_does_not_exist(province: Database, admin: Actor) -> None:
    with province.read() as session, pytest.raises(NotFoundError):
        service.get_meeting(session, admin, "nope")


def test_a_meeting_nobody_has_looked_at_is_unknown(province: Database, admin: Actor) -> None:
    put(province, admin)
    with province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    assert report.verdict.verdict == "unknown"
    assert report.finished_at is None


def unit_scopes(database: Database) -> dict[str, int]:
    with database.read() as session:
        return dict(session.execute(select(Unit.code, Unit.scope_id)).all())


def test_a_scheduler_of_one_commune_books_neither_the_bridge_nor_other_rooms(
    province: Database,
) -> None:
    own = frozenset({unit_scopes(province)["xa-01"]})
    scheduler = Actor(6, "scheduler", frozenset({Role.SCHEDULER}), own)
    with pytest.raises(InvalidInputError) as caught:
        put(province, scheduler)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["bridge", "points[1].room"]
    assert booked(province) == set()


def test_nobody_takes_over_a_meeting_beyond_where_he_schedules(
    province: Database, admin: Actor
) -> None:
    put(province, admin)
    scopes = unit_scopes(province)
    with province.write() as session:
        device = session.scalars(select(Device.id).where(Device.name == "r-01")).one()
        where = {"scope_id": scopes["xa-01"], "device_id": device}
        session.add(Bridge(code="mcu-xa", name="M", driver="janus", url="http://x", **where))
    own = frozenset({scopes["xa-01"]})
    scheduler = Actor(6, "scheduler", frozenset({Role.SCHEDULER}), own)
    small = replace(MEETING, bridge="mcu-xa", points=[PointInput("room-01")])
    assert put(province, scheduler, replace(small, uid="of-the-commune"))
    with pytest.raises(DeniedError):
        put(province, scheduler, replace(small, is_cancelled=True))
    assert "bridge:mcu-1" in booked(province)
