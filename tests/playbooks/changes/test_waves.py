"""A change goes from wave to wave only while nothing that is measured gets worse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from alerts.maintenance import covered
from hatang import calendar, clock, gates
from hatang.errors import ConflictError
from hatang.gates import Verdict
from hatang.jobs import leases
from hatang.jobs.models import JobRun
from playbooks import changes
from playbooks.changes.planning import plan_hash
from playbooks.changes.sweeping import begin_scheduled, look_after_phases
from playbooks.changes.waves import phase_key
from playbooks.choices import ChangeState, Phase, TargetState
from playbooks.models import Change, ChangeCheck, ChangeTarget
from tests.playbooks.changes.fleet import Fleet
from tests.playbooks.changes.test_push import AT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import Database, WriteSession

CANARY = changes.Rollout(canary=1, batch=2)


@pytest.fixture
def hand() -> Iterator[clock.Hand]:
    with clock.frozen(AT) as found:
        yield found


@pytest.fixture
def fleet(
    sqlite_database: Database, hand: clock.Hand, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    made = Fleet(sqlite_database, hand, monkeypatch)
    made.add("r1", "r2", "r3", "r4")
    gates.clear()
    gates.register(gates.HEALTH, made.meter, name="meter")
    yield made
    gates.clear()


@pytest.fixture
def people(engineer: Actor, approver: Actor) -> tuple[Actor, Actor]:
    return engineer, approver


@pytest.fixture
def running(fleet: Fleet, people: tuple[Actor, Actor]) -> Fleet:
    fleet.approve(people, CANARY)
    fleet.execute(people[0])
    return fleet


def worsen(fleet: Fleet, name: str, verdict: Verdict = Verdict.FAIL) -> None:
    fleet.meter.verdicts[f"device:key-{name}"] = verdict


def test_every_wave_has_its_turn_and_the_change_is_done(running: Fleet) -> None:
    running.work()
    assert running.change.state == ChangeState.DONE
    assert set(running.states().values()) == {TargetState.CONFIRMED}
    assert running.change.wave == running.change.waves == 3


def test_nothing_is_touched_before_the_canary_was_measured(running: Fleet) -> None:
    assert running.change.phase == Phase.MEASURING
    running.work(1)
    assert running.change.phase == Phase.PUSHING
    assert not any(router.journal for router in running.routers.values())


def test_a_wave_that_makes_something_worse_is_taken_back_and_no_other_begins(
    running: Fleet,
) -> None:
    running.work(5)  # the canary's measure, push and gate; the next wave's measure, one push
    worsen(running, "r3")
    running.work()
    states = running.states()
    assert [states[name] for name in ("r1", "r2", "r3", "r4")] == [
        TargetState.CONFIRMED,
        TargetState.REVERTED,
        TargetState.REVERTED,
        TargetState.PLANNED,
    ]
    assert running.change.is_paused
    assert "device:key-r3" in running.change.pause_reason
    assert running.journal("r2") == ["change", "confirm", "change", "confirm"]
    assert running.journal("r4") == []


def test_what_was_bad_before_a_wave_is_no_regression(running: Fleet) -> None:
    worsen(running, "r1")
    running.work()
    assert running.change.state == ChangeState.DONE


def test_what_nobody_can_tell_of_stops_the_change_and_takes_nothing_back(running: Fleet) -> None:
    running.work(2)
    worsen(running, "r1", Verdict.UNKNOWN)
    running.work()
    assert running.change.is_paused
    assert running.states()["r1"] == TargetState.CONFIRMED
    assert running.journal("r2") == []


def test_a_neighbour_that_comes_back_soon_is_no_regression(
    running: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.work(2)
    worsen(running, "r1")
    advance = running.hand.advance

    def recovers(seconds: float) -> None:
        running.meter.verdicts.clear()
        advance(seconds)

    monkeypatch.setattr(running.hand, "advance", recovers)
    running.work()
    assert running.change.state == ChangeState.DONE


def test_a_change_that_nobody_measures_stops_after_its_first_wave(
    fleet: Fleet, people: tuple[Actor, Actor]
) -> None:
    fleet.meter.watched = set()
    fleet.approve(people, CANARY)
    fleet.execute(people[0])
    fleet.work()
    assert fleet.change.is_paused
    assert fleet.journal("r2") == []


def test_a_device_that_fails_stops_the_change_before_the_next_wave(running: Fleet) -> None:
    next(iter(running.routers.values())).refuses = True
    running.work()
    assert running.states()["r1"] == TargetState.REJECTED
    assert running.change.is_paused
    assert running.journal("r2") == []


def test_only_what_failed_is_tried_again(running: Fleet, people: tuple[Actor, Actor]) -> None:
    running.work(5)
    worsen(running, "r3")
    running.work()
    running.meter.verdicts.clear()
    with running.database.write() as session:
        changes.retry(session, people[0], running.number)
    running.work()
    assert running.change.state == ChangeState.DONE
    assert running.journal("r1") == ["change", "confirm"]
    assert running.journal("r4") == ["change", "confirm"]


def test_a_paused_change_begins_nothing_until_it_is_resumed(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work(1)
    with running.database.write() as session:
        changes.pause(session, people[0], running.number)
    running.work()
    assert not any(router.journal for router in running.routers.values())
    with running.database.write() as session:
        changes.resume(session, people[0], running.number)
    running.work()
    assert running.change.state == ChangeState.DONE


def test_a_cancelled_change_ends_with_what_had_begun(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work(3)
    with running.database.write() as session:
        changes.cancel(session, people[0], running.number)
    running.work()
    assert running.change.finished_at is not None
    assert running.states()["r1"] == TargetState.CONFIRMED
    assert running.states()["r4"] == TargetState.CANCELLED


def test_rolling_back_restores_every_device_the_last_wave_first(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work()
    with running.database.write() as session:
        changes.roll_back(session, people[0], running.number)
    running.work()
    assert running.change.state == ChangeState.ROLLED_BACK
    assert {router.running.strip() for router in running.routers.values()} == {"hostname old\nline"}


def test_rolling_back_leaves_alone_what_somebody_changed_since(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work()
    changed = next(iter(running.routers.values()))
    changed.running = "hostname by hand"
    with running.database.write() as session:
        changes.roll_back(session, people[0], running.number)
    running.work()
    assert changed.running == "hostname by hand"
    assert running.states()["r1"] == TargetState.DRIFT
    assert running.change.state == ChangeState.FAILED


def test_pages_are_withheld_for_the_wave_under_way_only(running: Fleet) -> None:
    running.work(1)
    with running.database.read() as session:
        assert covered(session, clock.now()) == {"device:key-r1"}


def test_a_change_before_its_window_begins_by_itself_when_that_opens(
    fleet: Fleet, people: tuple[Actor, Actor]
) -> None:
    fleet.approve(people, CANARY)
    with fleet.database.write() as session:
        change = session.get_one(Change, fleet.number)
        change.opens_at = clock.now() + timedelta(minutes=30)
        change.plan_sha256 = plan_hash(session, change)
        _approve_again(session, people, change)
    fleet.execute(people[0])
    assert fleet.change.state == ChangeState.SCHEDULED
    fleet.hand.advance(1801)
    with fleet.database.write() as session:
        assert begin_scheduled(session) == 1
    fleet.work()
    assert fleet.change.state == ChangeState.DONE


def _approve_again(session: WriteSession, people: tuple[Actor, Actor], change: Change) -> None:
    change.state = ChangeState.PLANNED
    changes.submit(session, people[0], change.id)
    digest = change.plan_sha256 or ""
    changes.decide(session, people[1], change.id, digest, approve=True)


@pytest.mark.parametrize(
    ("given", "told"),
    [("unit:u-r3", "unit:u-r3"), ("device:r3", "device:r3"), ("device:key-r3", "device:r3")],
    ids=["a unit", "a device by its name", "a device by its key"],
)
def test_what_is_frozen_is_not_changed_and_the_refusal_names_it(
    fleet: Fleet, people: tuple[Actor, Actor], given: str, told: str
) -> None:
    fleet.approve(people, CANARY)
    with fleet.database.write() as session:
        until = clock.now() + timedelta(hours=2)
        changes.freeze(session, people[0], given, (clock.now(), until), "Bầu cử")
    with pytest.raises(ConflictError, match=rf"^{told} is booked .* for Bầu cử"):
        fleet.execute(people[0])


def test_a_meeting_booked_since_stops_the_wave_that_would_run_over_it(running: Fleet) -> None:
    running.work(2)
    with running.database.write() as session:
        start = clock.now()
        until = start + timedelta(hours=1)
        calendar.book(session, "site:s-r3", start, until, "meeting", source="m", title="Giao ban")
    running.work()
    assert running.change.is_paused
    assert "Giao ban" in running.change.pause_reason


def test_a_change_whose_measuring_was_lost_waits_for_a_person(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    with running.database.write() as session:
        run = session.get_one(JobRun, phase_key(running.change))
        run.state, run.finished_at = "failed", clock.now()
    with running.database.write() as session:
        look_after_phases(session)
    assert running.change.is_paused
    with running.database.write() as session:
        changes.resume(session, people[0], running.number)
    running.work()
    assert running.change.state == ChangeState.DONE


def lose_the_gate(fleet: Fleet) -> None:
    fleet.work(2)
    assert fleet.change.phase == Phase.SOAKING
    with fleet.database.write() as session:
        run = session.get_one(JobRun, phase_key(fleet.change))
        run.state, run.finished_at = "failed", clock.now()
    with fleet.database.write() as session:
        look_after_phases(session)
    assert fleet.change.is_paused


def test_a_wave_whose_gate_was_lost_is_judged_by_what_was_measured_before_it(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    lose_the_gate(running)
    worsen(running, "r1")
    with running.database.write() as session:
        changes.resume(session, people[0], running.number)
        look_after_phases(session)
    running.work()
    assert running.states()["r1"] == TargetState.REVERTED
    assert "device:key-r1" in running.change.pause_reason


def test_a_wave_whose_measures_before_are_missing_is_not_called_healthy(running: Fleet) -> None:
    running.work(2)
    with running.database.write() as session:
        session.execute(delete(ChangeCheck))
    running.work()
    assert running.change.is_paused
    assert "measured before it is missing" in running.change.pause_reason


def roll_back(fleet: Fleet, actor: Actor) -> None:
    with fleet.database.write() as session:
        changes.roll_back(session, actor, fleet.number)


def test_a_device_that_no_login_could_take_back_can_be_taken_back_later(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work()
    (number,) = [key for key, one in running.accesses.items() if one.name == "r4"]
    running.routers[number].broken_logins = 1
    roll_back(running, people[0])
    running.work()
    assert running.states()["r4"] == TargetState.CONFIRMED
    assert running.change.is_paused
    assert "r4" in running.change.pause_reason
    roll_back(running, people[0])
    running.work()
    assert running.change.state == ChangeState.ROLLED_BACK


def test_a_device_that_another_holds_is_not_lost_for_taking_back(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work()
    roll_back(running, people[0])
    (number,) = [key for key, one in running.accesses.items() if one.name == "r4"]
    with running.database.write() as session:
        leases.acquire(session, f"device/{number}", "run/5", 900)
    running.work()
    assert running.states()["r4"] == TargetState.CONFIRMED
    assert running.change.is_paused


def test_a_change_that_has_ended_is_not_rolled_back_over_a_meeting(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    running.work()
    until = clock.now() + timedelta(hours=1)
    with running.database.write() as session:
        calendar.book(session, "site:s-r2", clock.now(), until, "meeting", source="m", title="H")
    with pytest.raises(ConflictError, match="is booked"):
        roll_back(running, people[0])


def test_a_change_that_runs_is_rolled_back_over_a_meeting(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    lose_the_gate(running)
    until = clock.now() + timedelta(hours=1)
    with running.database.write() as session:
        calendar.book(session, "site:s-r1", clock.now(), until, "meeting", source="m", title="H")
    roll_back(running, people[0])
    running.work()
    assert running.change.state == ChangeState.CANCELLED
    assert running.states()["r1"] == TargetState.REVERTED


@pytest.mark.parametrize(("later", "doubts"), [(1, 0), (-1, 1)])
def test_only_what_ended_well_after_a_doubt_settles_it(
    running: Fleet, people: tuple[Actor, Actor], later: int, doubts: int
) -> None:
    running.work()
    first = running.number
    running.approve(people, changes.Rollout(is_gated=False))
    with running.database.write() as session:
        for target in session.scalars(select(ChangeTarget)):
            is_first = target.change_id == first
            target.state = TargetState.CONFIRMED if is_first else TargetState.UNKNOWN
            shift = timedelta(minutes=later if is_first else 0)
            target.finished_at = clock.now() + shift
    with running.database.read() as session:
        assert len(changes.list_doubts(session, people[0]).items) == doubts * 4


def test_what_a_device_quotes_when_it_refuses_a_push_tells_no_secret(
    running: Fleet, people: tuple[Actor, Actor]
) -> None:
    (number,) = [key for key, one in running.accesses.items() if one.name == "r1"]
    running.routers[number].refusal = "neighbor 10.0.0.1 password S3cretWord"
    running.routers[number].refuses = True
    running.work()
    with running.database.read() as session:
        detail = changes.get_change(session, people[0], running.number)
        told = changes.list_lines(session, people[0], running.number)
    assert "neighbor 10.0.0.1 password" in str(detail.targets)
    assert "S3cretWord" not in str((detail, told))
