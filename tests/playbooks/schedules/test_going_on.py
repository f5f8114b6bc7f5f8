"""A run that a crash cut short goes on only while all that let it begin still holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import calendar, clock
from hatang.jobs import leases
from playbooks import runs, schedules
from playbooks.changes.selecting import Selection
from playbooks.choices import HostOutcome, OccurrenceState, RunState, ScheduleState
from playbooks.models import PlaybookEvent, PlaybookRun, PlaybookSchedule
from playbooks.runs import jobs
from playbooks.schedules import occurring
from tests.playbooks.records import SYSTEM, device
from tests.playbooks.schedules.conftest import FIRST, Night, drafted, work
from tests.playbooks.schedules.undermining import UNDERMINED, disable_account

if TYPE_CHECKING:
    from collections.abc import Callable

BEGUN = [(FIRST, OccurrenceState.STARTED)]


@pytest.fixture
def number(night: Night, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a schedule whose run was cut short: `srv` had begun a task, `web` had not."""
    with night.database.write() as session:
        web = device(session, "web", "linux")
    found = night.standing(drafted(targets=Selection(names=("srv", "web"))))
    night.at(FIRST)
    run_id = night.times(found)[0].run_id or 0
    with night.database.write() as session:
        run = session.get_one(PlaybookRun, run_id)
        run.state, run.started_at = RunState.RUNNING, clock.now()
        begun = {"kind": "runner_on_start", "device": "srv", "task": "a", "detail": {}}
        session.add(PlaybookEvent(run_id=run_id, sequence=1, at=clock.now(), **begun))
        for each in (night.server, web):
            leases.acquire(session, f"device/{each.device_id}", f"run/{run_id}", 3900)
    monkeypatch.setattr(jobs, "_start", lambda *_: pytest.fail("it went on"))
    return found


def told(night: Night, number: int) -> list[tuple[str, str]]:
    """Return what the run said after its crash."""
    run_id = night.times(number)[0].run_id or 0
    with night.database.read() as session:
        found = runs.get_run(session, SYSTEM, run_id)
        events = runs.list_events(session, SYSTEM, run_id)[1:]
    assert found.outcomes == {"srv": HostOutcome.UNKNOWN, "web": HostOutcome.UNFINISHED}
    return [(each.kind, each.detail["message"]) for each in events]


def refused(reason: str) -> list[tuple[str, str]]:
    return [("refused", reason), ("devices_unfinished", "web"), ("devices_unknown", "srv")]


@pytest.mark.parametrize("undermine", UNDERMINED, ids=lambda each: each.__name__)
def test_what_is_no_longer_as_approved_does_not_go_on(
    night: Night,
    number: int,
    undermine: Callable[[Night, pytest.MonkeyPatch], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reason = undermine(night, monkeypatch)
    assert work(night, number) == RunState.CANCELLED
    assert told(night, number) == refused(reason)
    assert night.told(number) == BEGUN
    found = night.shown(number)
    assert (found.state, found.state_reason) == (ScheduleState.PAUSED, reason)


@pytest.mark.parametrize("hold", [schedules.pause, schedules.end])
def test_what_was_paused_or_ended_meanwhile_does_not_go_on(
    night: Night, number: int, hold: Callable[..., None]
) -> None:
    with night.database.write() as session:
        hold(session, night.lan, number, "inspection")
    assert work(night, number) == RunState.CANCELLED
    assert told(night, number) == refused(occurring.NOT_STANDING)
    assert night.told(number) == BEGUN
    assert night.shown(number).state_reason == "inspection"


@pytest.mark.parametrize("kind", ["meeting", "freeze"])
def test_what_was_booked_meanwhile_does_not_go_on(night: Night, number: int, kind: str) -> None:
    with night.database.write() as session:
        until = FIRST + timedelta(hours=2)
        calendar.book(session, "site:s-web", FIRST, until, kind, source="m", title="Giao ban")
    assert work(night, number) == RunState.CANCELLED
    (reason, *_rest) = told(night, number)
    assert "Giao ban" in reason[1]
    assert night.told(number) == BEGUN
    assert night.shown(number).state == ScheduleState.STANDING


def test_a_booking_over_a_device_that_matches_since_does_not_hold_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing(drafted(targets=Selection(platforms=("linux",))))
    night.at(FIRST)
    run_id = night.times(number)[0].run_id or 0
    with night.database.write() as session:
        device(session, "new", "linux")
        session.get_one(PlaybookRun, run_id).started_at = clock.now()
        session.get_one(PlaybookSchedule, number).scope_id = None
        calendar.book(
            session, "site:s-new", FIRST, FIRST + timedelta(hours=2), "freeze", source="m"
        )
    with night.database.write() as session:
        assert occurring.admit(session, session.get_one(PlaybookRun, run_id)) == ""


@pytest.mark.parametrize("is_late", [True, False])
def test_what_does_not_go_on_gives_back_what_its_first_attempt_held(
    night: Night, number: int, monkeypatch: pytest.MonkeyPatch, *, is_late: bool
) -> None:
    if is_late:
        night.hand.advance(3600)
    else:
        disable_account(night, monkeypatch)
    with night.database.write() as session:
        leases.acquire(session, "device/other", "run/other", 7200)
    assert work(night, number) == RunState.CANCELLED
    with night.database.write() as session:
        leases.acquire(session, f"device/{night.server.device_id}", "change/1", 60)
        with pytest.raises(leases.LeaseHeldError):
            leases.acquire(session, "device/other", "change/1", 60)


def test_what_goes_on_and_cannot_take_its_devices_gives_them_back(
    night: Night, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise leases.LeaseHeldError("taken")

    monkeypatch.setattr(jobs, "_start", refuse)
    assert work(night, number) == RunState.FAILED
    with night.database.write() as session:
        leases.acquire(session, f"device/{night.server.device_id}", "change/1", 60)
