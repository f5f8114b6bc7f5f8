"""What is looked at while nothing is due: little, and never under the lock of who writes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from hatang.db import Database
from hatang.jobs import JOBS
from playbooks.changes.selecting import Selection
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookSchedule
from playbooks.schedules import jobs, occurring
from playbooks.schedules.readiness import require_ready, undermined
from tests.playbooks.records import device
from tests.playbooks.schedules.conftest import FIRST, NOON, Night, drafted
from tests.playbooks.schedules.undermining import UNDERMINED, disable_account

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = FIRST - timedelta(minutes=1)


def no_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "write", lambda _: pytest.fail("it took the writer's lock"))


def test_what_is_not_due_is_asked_nothing_and_takes_no_lock(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    with monkeypatch.context() as patched:
        patched.setattr(occurring, "require_ready", lambda *_: pytest.fail("it asked"))
        no_writes(patched)
        assert night.at(SOON) == 0
    assert night.at(FIRST) == 1
    with monkeypatch.context() as patched:
        no_writes(patched)
        assert night.at(FIRST + timedelta(minutes=1)) == 0
    assert night.shown(number).state == ScheduleState.STANDING


@pytest.mark.parametrize("undermine", UNDERMINED, ids=lambda each: each.__name__)
def test_what_is_undermined_is_stopped_within_the_hour_before_its_time_comes(
    night: Night,
    undermine: Callable[[Night, pytest.MonkeyPatch], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = night.standing()
    reason = undermine(night, monkeypatch)
    assert night.at(NOON + timedelta(minutes=1)) == 0
    assert jobs.stop_undermined(night.database) == {"schedules": 1, "stopped": 1}
    found = night.shown(number)
    assert (found.state, found.state_reason) == (ScheduleState.PAUSED, reason)
    assert night.times(number) == []


def test_a_schedule_with_nothing_against_it_is_looked_at_without_the_lock(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    with monkeypatch.context() as patched:
        no_writes(patched)
        assert jobs.stop_undermined(night.database) == {"schedules": 1, "stopped": 0}
    assert night.shown(number).state == ScheduleState.STANDING


def test_what_is_in_order_again_when_the_lock_is_held_stands_on(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    told = iter(["a moment ago"])
    monkeypatch.setattr(jobs, "undermined", lambda *each: next(told, "") or undermined(*each))
    assert jobs.stop_undermined(night.database) == {"schedules": 1, "stopped": 0}
    assert night.shown(number).state == ScheduleState.STANDING


def test_what_was_paused_meanwhile_keeps_the_reason_of_who_did(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = night.standing()
    disable_account(night, monkeypatch)

    def pause(session: object, schedule: PlaybookSchedule) -> str:
        found = undermined(session, schedule)  # type: ignore[arg-type]
        with night.database.write() as other:
            held = other.get_one(type(schedule), number)
            held.state, held.state_reason = ScheduleState.PAUSED, "inspection"
        return found

    monkeypatch.setattr(jobs, "undermined", pause)
    assert jobs.stop_undermined(night.database)["stopped"] == 0
    assert night.shown(number).state_reason == "inspection"


def test_rights_are_looked_at_once_an_hour() -> None:
    assert JOBS.get("playbooks.schedules-undermined").cron == jobs.HOURLY


@pytest.mark.parametrize("is_by_name", [True, False])
def test_many_devices_take_no_more_statements_than_one(night: Night, *, is_by_name: bool) -> None:
    few = statements(night, ["srv"], is_by_name=is_by_name)
    with night.database.write() as session:
        names = [device(session, f"s-{count}", "linux").name for count in range(12)]
    assert statements(night, ["srv", *names], is_by_name=is_by_name) <= few


def statements(night: Night, names: list[str], *, is_by_name: bool) -> int:
    """Return how many statements it takes to find these devices ready."""
    chosen = Selection(names=tuple(names)) if is_by_name else Selection(platforms=("linux",))
    number = night.standing(drafted(targets=chosen))
    asked: list[str] = []
    with night.database.read() as session:
        schedule = session.get_one(PlaybookSchedule, number)
        event.listen(night.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
        _actor, rows = require_ready(session, schedule)
        counted = len(asked)
    assert [row.name for row in rows] == sorted(names)
    return counted
