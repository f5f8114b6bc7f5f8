"""A waiver holds in its own meeting only, and is taken back by who may give it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference import service
from conference.choices import Check, CheckResult
from conference.models import Meeting, ReadinessCheck, ReadinessRun
from conference.service.paths import earlier
from hatang import clock
from hatang.auth import Actor, Grant, Role
from hatang.errors import DeniedError
from inventory.models import Room, Unit
from tests.conference.service.test_meetings import AT, MEETING, put

if TYPE_CHECKING:
    from hatang.db import Database

pytestmark = pytest.mark.slow


def test_a_waived_way_is_read_back_as_it_was_measured(province: Database, admin: Actor) -> None:
    put(province, admin)
    times = {"started_at": AT, "finished_at": AT}
    measured = {"n": 600, "waived": CheckResult.FAIL, "waived_by": "lan"}
    with clock.frozen(AT), province.write() as session:
        meeting, room = session.scalar(select(Meeting.id)), session.scalar(select(Room.id))
        run = ReadinessRun(meeting_id=meeting, verdict="at_risk", ready=1, total=2, **times)
        session.add(run)
        session.flush()
        row = ReadinessCheck(run_id=run.id, room_id=room, check=Check.PATH, cause="loss")
        row.result, row.measured = CheckResult.WAIVED, measured
        session.add(row)
        session.flush()
        found = earlier(session, ["room-01"])["room-01"]
    assert (found.result, found.measured) == (CheckResult.FAIL, {"n": 600})


def test_who_only_sees_a_meeting_takes_no_waiver_back(province: Database, admin: Actor) -> None:
    put(province, admin)
    with clock.frozen(AT - timedelta(hours=1)), province.write() as session:
        wanted = service.WaiverInput("room-01", Check.PATH, "đã gọi điện", MEETING.ends_at)
        service.put_waiver(session, admin, MEETING.uid, wanted)
        own = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-01")).one()
    grants = frozenset({Grant(Role.OPERATOR, own), Grant(Role.VIEWER, None)})
    actor = Actor(6, "o", frozenset({Role.OPERATOR, Role.VIEWER}), None, grants)
    with pytest.raises(DeniedError), province.write() as session:
        service.withdraw_waiver(session, actor, MEETING.uid, "room-01", Check.PATH)
