"""A due time starts one run, once; what cannot be started is said, and never made up for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from hatang import calendar, clock
from hatang.audit import AuditEntry
from hatang.auth import Role
from hatang.auth.models import User
from hatang.events import Event
from inventory.models import Device
from playbooks import runs, schedules
from playbooks.changes.selecting import Selection
from playbooks.choices import OccurrenceState, RunState, ScheduleState
from playbooks.models import PlaybookRun
from playbooks.runs import jobs
from playbooks.schedules import occurring
from playbooks.schedules.jobs import settle_all
from playbooks.schedules.service import STOPPED
from tests.playbooks.records import SYSTEM, device
from tests.playbooks.schedules.conftest import DAY, FIRST, NIGHTLY, Night, drafted, person, work
from tests.playbooks.schedules.undermining import UNDERMINED

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = timedelta(minutes=1)
STARTED, HELD = OccurrenceState.STARTED, OccurrenceState.HELD
SKIPPED, MISSED = OccurrenceState.SKIPPED, OccurrenceState.MISSED


def test_a_due_time_starts_one_run_however_often_one_looks(night: Night) -> None:
    number = night.standing()
    assert night.at(FIRST - MINUTE) == 0
    assert night.at(FIRST) == 1
    assert settle_all(night.database)["started"] == 0
    assert night.at(FIRST + MINUTE) == 0
    (time_,) = night.times(number)
    assert (time_.occurs_at, time_.state, time_.run_state) == (FIRST, STARTED, RunState.PENDING)
    assert night.queued() == [f"run/{time_.run_id}"]
    with night.database.read() as session:
        found = runs.get_run(session, SYSTEM, time_.run_id or 0)
    assert (found.schedule_id, found.requester, found.approver) == (number, "lan", "hoa")
    assert (found.devices, found.is_check_mode) == (("srv",), False)


def test_what_dies_before_the_commit_leaves_nothing_and_the_next_look_starts_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    with monkeypatch.context() as patched:
        patched.setattr(occurring, "_note", lambda *_: pytest.fail("died"))
        with pytest.raises(pytest.fail.Exception):
            night.at(FIRST)
    assert (night.queued(), night.times(number)) == ([], [])
    assert night.at(FIRST + MINUTE) == 1
    with night.database.read() as session:
        assert session.scalar(select(func.count()).select_from(PlaybookRun)) == 1


def test_each_night_has_its_own_run_at_two_in_ha_noi_until_the_last_day(night: Night) -> None:
    number = night.standing(drafted(rule=replace(NIGHTLY, until=date(2026, 12, 4))))
    for count in range(3):
        assert night.at(FIRST + count * DAY) == 1
        night.end_run(night.times(number)[-1].run_id)
    assert night.told(number) == [(FIRST + count * DAY, STARTED) for count in range(3)]
    assert night.shown(number).ends_at == FIRST + 2 * DAY + timedelta(hours=1)
    assert night.at(FIRST + 3 * DAY) == 0
    found = night.shown(number)
    assert (found.state, found.state_reason) == (ScheduleState.ENDED, occurring.OVER)
    assert len(night.times(number)) == 3


def test_a_time_nobody_was_there_for_is_missed_and_not_made_up_for(night: Night) -> None:
    number = night.standing()
    assert night.at(FIRST + DAY + timedelta(hours=1)) == 0
    assert night.told(number) == [(FIRST, MISSED), (FIRST + DAY, MISSED)]
    assert night.queued() == []
    assert night.shown(number).state == ScheduleState.STANDING


def test_a_worker_that_comes_back_within_the_window_still_starts_it(night: Night) -> None:
    number = night.standing()
    assert night.at(FIRST + 59 * MINUTE) == 1
    assert night.told(number) == [(FIRST, STARTED)]


def test_times_before_the_approval_and_while_paused_are_no_matter_of_it(night: Night) -> None:
    number = night.propose()
    night.at(FIRST + MINUTE)
    night.approve(number)
    assert night.at(FIRST + 2 * MINUTE) == 0
    with night.database.write() as session:
        schedules.pause(session, night.lan, number, "inspection")
    night.at(FIRST + DAY + MINUTE)
    with night.database.write() as session:
        schedules.resume(session, night.lan, number)
    assert night.at(FIRST + DAY + 2 * MINUTE) == 0
    assert night.at(FIRST + 2 * DAY) == 1
    assert night.told(number) == [(FIRST + 2 * DAY, STARTED)]


@pytest.mark.parametrize("kind", ["meeting", "freeze"])
def test_a_booking_holds_a_time_and_says_so_and_it_begins_when_that_is_over(
    night: Night, kind: str
) -> None:
    number = night.standing()
    with night.database.write() as session:
        until = FIRST + 30 * MINUTE
        calendar.book(session, "site:s-srv", FIRST, until, kind, source="m", title="Giao ban")
    assert night.at(FIRST) == 0
    (held,) = night.times(number)
    assert held.state == HELD
    assert "booked" in held.reason
    assert "Giao ban" in held.reason
    assert night.at(FIRST + 31 * MINUTE) == 1
    assert night.told(number) == [(FIRST, STARTED)]


def test_what_is_booked_until_the_window_closes_stays_held(night: Night) -> None:
    number = night.standing()
    with night.database.write() as session:
        calendar.book(session, "site:s-srv", FIRST, FIRST + DAY / 2, "freeze", source="m")
    assert [night.at(FIRST + minutes * MINUTE) for minutes in (0, 1, 59, 60, 61)] == [0] * 5
    assert night.told(number) == [(FIRST, HELD)]
    with night.database.read() as session:
        action = AuditEntry.action == "playbook.schedule-held"
        assert session.scalar(select(func.count()).where(action)) == 1


def test_what_only_checks_is_held_by_nothing(night: Night) -> None:
    night.standing(drafted(is_check_mode=True))
    with night.database.write() as session:
        calendar.book(session, "site:s-srv", FIRST, FIRST + DAY, "meeting", source="m")
    assert night.at(FIRST) == 1


def test_a_time_is_skipped_while_the_run_before_it_is_not_over(night: Night) -> None:
    number = night.standing()
    night.at(FIRST)
    run_id = night.times(number)[0].run_id
    night.end_run(run_id, RunState.RUNNING)
    assert night.at(FIRST + DAY) == 0
    skipped = night.times(number)[1]
    assert (skipped.state, skipped.reason) == (
        SKIPPED,
        f"run {run_id} of the time before was not over",
    )
    night.end_run(run_id)
    assert night.at(FIRST + DAY + MINUTE) == 0
    assert night.at(FIRST + 2 * DAY) == 1


@pytest.mark.parametrize("undermine", UNDERMINED, ids=lambda each: each.__name__)
def test_what_is_no_longer_as_approved_stops_with_that_reason(
    night: Night,
    undermine: Callable[[Night, pytest.MonkeyPatch], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = night.standing()
    reason = undermine(night, monkeypatch)
    assert night.at(FIRST) == 0
    found = night.shown(number)
    assert (found.state, found.state_reason) == (ScheduleState.PAUSED, reason)
    assert night.queued() == []
    with night.database.read() as session:
        told = session.scalars(select(Event).where(Event.topic == STOPPED)).one()
        stopped = AuditEntry.action == "playbook.schedule-stop"
        entry = session.scalars(select(AuditEntry).where(stopped)).one()
    assert told.payload == {"schedule": number, "reason": reason}
    assert entry.detail == {"reason": reason}
    assert night.at(FIRST + DAY) == 0


@pytest.mark.parametrize("undermine", UNDERMINED, ids=lambda each: each.__name__)
def test_what_is_undermined_after_the_decision_is_not_run_either(
    night: Night,
    undermine: Callable[[Night, pytest.MonkeyPatch], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = night.standing()
    night.at(FIRST)
    reason = undermine(night, monkeypatch)
    monkeypatch.setattr(jobs, "_start", lambda *_: pytest.fail("it ran"))
    assert work(night, number) == RunState.CANCELLED
    (found,) = night.times(number)
    assert (found.state, found.reason) == (SKIPPED, reason)
    assert night.shown(number).state == ScheduleState.PAUSED


def test_a_run_whose_worker_comes_back_after_the_window_is_missed(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    night.at(FIRST)
    night.hand.advance(3600)
    monkeypatch.setattr(jobs, "_start", lambda *_: pytest.fail("it ran"))
    assert work(night, number) == RunState.CANCELLED
    assert night.told(number) == [(FIRST, MISSED)]


def test_a_run_cut_short_goes_on_within_its_window_only(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    night.at(FIRST)
    run_id = night.times(number)[0].run_id
    with night.database.write() as session:
        run = session.get_one(PlaybookRun, run_id)
        run.state, run.started_at = RunState.RUNNING, clock.now()
    with night.database.write() as session:
        assert occurring.admit(session, session.get_one(PlaybookRun, run_id)) == ""
    night.hand.advance(3600)
    assert work(night, number) == RunState.CANCELLED
    assert night.told(number) == [(FIRST, STARTED)]
    with night.database.read() as session:
        events = runs.list_events(session, SYSTEM, run_id or 0)
    assert [(each.kind, each.detail["message"]) for each in events] == [
        ("refused", occurring.LATE),
        ("devices_unfinished", "srv"),
    ]


def test_a_booking_made_after_the_decision_holds_it_and_it_begins_anew(night: Night) -> None:
    number = night.standing()
    night.at(FIRST)
    with night.database.write() as session:
        until = FIRST + 20 * MINUTE
        booked = calendar.book(session, "site:s-srv", FIRST, until, "meeting", source="m")
    assert booked
    assert work(night, number) == RunState.CANCELLED
    assert night.told(number) == [(FIRST, HELD)]
    assert night.at(FIRST + 21 * MINUTE) == 1
    assert night.told(number) == [(FIRST, STARTED)]


def test_a_stopped_one_is_asked_for_anew_and_runs_by_the_rights_of_who_does(night: Night) -> None:
    number = night.standing()
    with night.database.write() as session:
        session.get_one(User, night.lan.id).is_active = False
    night.at(FIRST)
    minh = person(night.database, "minh", Role.ENGINEER)
    with night.database.write() as session:
        assert schedules.resume(session, minh, number) == ScheduleState.PROPOSED
    assert night.at(FIRST + DAY) == 0
    night.approve(number)
    assert night.shown(number).requester == "minh"
    assert night.at(FIRST + 2 * DAY) == 1


def test_a_selection_takes_in_what_matches_at_the_time_but_nothing_beyond_the_approval(
    night: Night,
) -> None:
    local = person(night.database, "binh", Role.ENGINEER, night.server.scope_id)
    chosen = drafted(targets=Selection(units=("u-srv",)))
    number = night.propose(chosen, local)
    night.approve(number)
    with night.database.write() as session:
        first = session.get_one(Device, night.server.device_id)
        extra = {"scope_id": first.scope_id, "site_id": first.site_id, "role": "server"}
        session.add(
            Device(
                device_key="k2", name="srv-2", platform="linux", ports={}, credentials={}, **extra
            )
        )
    assert night.at(FIRST) == 1
    run_id = night.times(number)[0].run_id or 0
    with night.database.read() as session:
        assert runs.get_run(session, SYSTEM, run_id).devices == ("srv", "srv-2")


def test_a_device_that_lies_beyond_what_was_approved_stops_it(night: Night) -> None:
    number = night.standing(drafted(targets=Selection(platforms=("linux",))))
    with night.database.write() as session:
        device(session, "srv-far", "linux")
    assert night.at(FIRST) == 0
    assert night.shown(number).state_reason == (
        "srv-far matches now and lies beyond what was approved"
    )


def test_an_hour_is_local_in_a_zone_that_moves_its_clocks_too(night: Night) -> None:
    rule = replace(NIGHTLY, begin=time(2, 30), until=date(2027, 3, 31), first=date(2027, 3, 27))
    number = night.standing(drafted(rule=rule, timezone="Europe/Paris"))
    assert night.at(datetime(2027, 3, 27, 1, 30, tzinfo=UTC)) == 1
    night.end_run(night.times(number)[-1].run_id)
    assert night.at(datetime(2027, 3, 29, 0, 30, tzinfo=UTC)) == 1
