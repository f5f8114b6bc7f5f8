"""A schedule is approved once by another; what is approved is exactly what stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import select

from hatang import clock
from hatang.audit import AuditEntry
from hatang.auth import Role
from hatang.auth.models import User, UserRole
from hatang.auth.users import actor_of
from hatang.calendar import recurrence
from hatang.calendar.recurrence import Frequency, Rule
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from playbooks import schedules
from playbooks.changes.selecting import Selection
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookSchedule
from playbooks.runs import service
from tests.playbooks.records import device
from tests.playbooks.schedules.conftest import (
    FIRST,
    NIGHTLY,
    TODAY,
    Night,
    drafted,
    person,
)


def test_what_another_approves_stands_and_tells_its_next_time(night: Night) -> None:
    number = night.propose()
    assert night.shown(number).state == ScheduleState.PROPOSED
    assert night.shown(number).next_at is None
    night.approve(number)
    found = night.shown(number)
    assert (found.state, found.next_at) == (ScheduleState.STANDING, FIRST)
    assert (found.requester, found.approver) == ("lan", "hoa")


def test_who_asked_does_not_approve_also_with_the_role(night: Night) -> None:
    number = night.propose()
    with night.database.write() as session:
        row = UserRole(
            user_id=night.lan.id, role=Role.APPROVER, granted_by="t", granted_at=clock.now()
        )
        session.add(row)
        session.flush()
        both = actor_of(session, session.get_one(User, night.lan.id))
    with pytest.raises(DeniedError, match="who asked does not decide"):
        night.approve(number, both)
    assert night.shown(number).state == ScheduleState.PROPOSED


def test_another_hash_than_what_is_asked_for_is_not_approved(night: Night) -> None:
    number = night.propose()
    with night.database.write() as session, pytest.raises(ConflictError):
        schedules.decide(session, night.hoa, number, "0" * 64, approve=True)


def test_what_is_rejected_has_ended(night: Night) -> None:
    number = night.propose()
    with night.database.write() as session:
        digest = schedules.get_schedule(session, night.hoa, number).plan_sha256
        schedules.decide(session, night.hoa, number, digest, approve=False, comment="no")
    found = night.shown(number)
    assert (found.state, found.state_reason) == (ScheduleState.ENDED, "it was rejected")
    assert night.at(FIRST) == 0


def test_a_playbook_edited_before_the_approval_is_not_approved(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.propose()
    monkeypatch.setattr(service, "texts", lambda _file: {"login-banner.yml": "edited"})
    with pytest.raises(ConflictError, match="text of its playbook"):
        night.approve(number)


@pytest.mark.parametrize(
    "other",
    [
        drafted(playbook="gather-facts"),
        drafted(is_check_mode=True),
        drafted(targets=Selection(roles=("hub",))),
        drafted(rule=replace(NIGHTLY, begin=time(3, 0))),
        drafted(rule=replace(NIGHTLY, minutes=61)),
        drafted(timezone="UTC"),
    ],
    ids=["playbook", "mode", "targets", "hour", "window", "zone"],
)
def test_each_part_is_in_the_hash(night: Night, other: Any) -> None:
    assert night.shown(night.propose()).plan_sha256 != night.shown(night.propose(other)).plan_sha256


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (drafted(rule=replace(NIGHTLY, until=date(2026, 11, 1))), "until"),
        (drafted(rule=replace(NIGHTLY, first=date(2028, 1, 1), until=date(2028, 2, 1))), "until"),
        (drafted(rule=replace(NIGHTLY, first=date(2026, 1, 1), until=date(2026, 2, 1))), "until"),
        (drafted(rule=replace(NIGHTLY, minutes=0)), "minutes"),
        (drafted(rule=replace(NIGHTLY, weekdays=())), "weekdays"),
        (drafted(timezone="Asia/Nowhere"), "timezone"),
        (drafted(reason=" "), "reason"),
        (drafted(targets=Selection(names=("no-such",))), "devices"),
        (drafted(targets=Selection()), "devices"),
        (drafted(parameters={"colour": "red"}), "colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_written(
    night: Night, draft: Any, field: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        night.propose(draft)
    assert [problem.field for problem in raised.value.problems] == [field]
    with night.database.read() as session:
        assert session.scalars(select(PlaybookSchedule)).all() == []


def test_each_night_of_a_year_is_allowed(night: Night) -> None:
    rule = replace(NIGHTLY, until=date(2027, 12, 1))
    number = night.propose(drafted(rule=rule))
    assert night.shown(number).ends_at.date() == date(2027, 11, 30)


def test_who_may_not_run_playbooks_proposes_none(night: Night) -> None:
    viewer = person(night.database, "vinh", Role.VIEWER)
    with pytest.raises(DeniedError):
        night.propose(actor=viewer)


def test_a_selection_that_reaches_beyond_ones_rights_is_refused(night: Night) -> None:
    with night.database.write() as session:
        device(session, "srv-far", "linux")
    local = person(night.database, "binh", Role.ENGINEER, night.server.scope_id)
    draft = drafted(targets=Selection(platforms=("linux",)))
    with pytest.raises(InvalidInputError, match="may not change too"):
        night.propose(draft, local)
    assert night.propose(drafted(targets=Selection(units=("u-srv",))), local)


def test_a_schedule_of_elsewhere_does_not_exist(night: Night) -> None:
    with night.database.write() as session:
        far = device(session, "srv-far", "linux")
    number = night.standing()
    away = person(night.database, "an", Role.ENGINEER, far.scope_id)
    with night.database.write() as session:
        assert schedules.list_schedules(session, away).total == 0
        with pytest.raises(NotFoundError):
            schedules.get_schedule(session, away, number)
        with pytest.raises(NotFoundError):
            schedules.list_occurrences(session, away, number)
        for act in (schedules.pause, schedules.end):
            with pytest.raises(NotFoundError):
                act(session, away, number, "mine")
    approving = person(night.database, "dung", Role.APPROVER, far.scope_id)
    with pytest.raises(NotFoundError):
        night.approve(night.propose(), approving)


def test_a_paused_one_starts_nothing_and_goes_on_under_its_approval(night: Night) -> None:
    number = night.standing()
    with night.database.write() as session:
        schedules.pause(session, night.lan, number, "inspection")
    assert night.at(FIRST) == 0
    assert night.told(number) == []
    with night.database.write() as session:
        assert schedules.resume(session, night.lan, number) == ScheduleState.STANDING
    assert night.shown(number).state_reason == ""


def test_pausing_and_ending_take_a_reason(night: Night) -> None:
    number = night.standing()
    for act in (schedules.pause, schedules.end):
        with night.database.write() as session, pytest.raises(InvalidInputError):
            act(session, night.lan, number, " ")
    assert night.shown(number).state == ScheduleState.STANDING


def test_an_ended_one_is_over_for_good(night: Night) -> None:
    number = night.standing()
    with night.database.write() as session:
        schedules.end(session, night.lan, number, "replaced")
    assert night.at(FIRST) == 0
    for act in (schedules.pause, schedules.end):
        with night.database.write() as session, pytest.raises(ConflictError):
            act(session, night.lan, number, "again")
    with night.database.write() as session, pytest.raises(ConflictError):
        schedules.resume(session, night.lan, number)


def test_every_step_is_in_the_audit_log(night: Night) -> None:
    number = night.standing()
    with night.database.write() as session:
        schedules.pause(session, night.lan, number, "inspection")
        schedules.resume(session, night.lan, number)
        schedules.end(session, night.lan, number, "replaced")
    with night.database.read() as session:
        found = select(AuditEntry.action).where(AuditEntry.target == f"schedule/{number}")
        actions = session.scalars(found.order_by(AuditEntry.id)).all()
    assert actions == [
        "approval.request",
        "playbook.schedule",
        "approval.approve",
        "playbook.schedule-pause",
        "playbook.schedule-resume",
        "playbook.schedule-end",
        "approval.void",
    ]


def test_a_monthly_rule_is_kept_and_read_as_it_was(night: Night) -> None:
    rule = Rule(Frequency.MONTHLY, time(22, 0), 90, TODAY, date(2027, 6, 1), (5,), None, 2)
    found = night.shown(night.propose(drafted(rule=rule)))
    assert recurrence.read(found.recurrence) == rule
