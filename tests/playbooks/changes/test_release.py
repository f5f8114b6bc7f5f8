"""Who may ask for, approve and start a change, and when it must wait."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import approval, clock
from hatang.auth import Actor, Permission, Role
from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import ConflictError, DeniedError, InvalidInputError
from playbooks import changes, runs
from playbooks.changes import planning
from playbooks.choices import ChangeState
from playbooks.commands import run_command
from playbooks.models import Change
from tests.playbooks.changes.planned import approved, person, planned
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access


@pytest.fixture
def both(database: Database) -> tuple[Access, Access]:
    with database.write() as session:
        return device(session, "mine"), device(session, "theirs")


def state(database: Database, number: int) -> str:
    with database.read() as session:
        return session.get_one(Change, number).state


def test_who_only_sees_a_device_asks_for_no_change_on_it(
    database: Database, both: tuple[Access, Access]
) -> None:
    mine, theirs = both
    actor = person(7, engineer=mine.scope_id, viewer=None)
    assert planned(database, actor, mine)
    with pytest.raises(InvalidInputError):
        planned(database, actor, theirs)


def test_who_reaches_one_device_of_a_change_does_not_start_it(
    database: Database, both: tuple[Access, Access], engineer: Actor, approver: Actor
) -> None:
    number = approved(database, engineer, approver, *both)
    actor = person(7, engineer=both[0].scope_id, viewer=None)
    with pytest.raises(DeniedError), database.write() as session:
        changes.execute(session, actor, number)
    with database.write() as session:
        assert len(changes.execute(session, engineer, number)) == 2


def test_a_change_over_several_scopes_needs_an_approver_of_the_province(
    database: Database, both: tuple[Access, Access], engineer: Actor, approver: Actor
) -> None:
    number = planned(database, engineer, *both)
    with database.write() as session:
        changes.submit(session, engineer, number)
        digest = session.get_one(Change, number).plan_sha256 or ""
    local = person(8, approver=both[0].scope_id, viewer=None)
    with pytest.raises(DeniedError), database.write() as session:
        changes.decide(session, local, number, digest, approve=True)
    with database.write() as session:
        changes.decide(session, approver, number, digest, approve=True)


def test_the_requester_never_approves(database: Database, both: tuple[Access, Access]) -> None:
    actor = person(7, engineer=None, approver=None)
    with pytest.raises(DeniedError):
        approved(database, actor, actor, both[0])


def test_who_only_sees_a_server_runs_no_playbook_on_it(database: Database) -> None:
    with database.write() as session:
        server = device(session, "srv", "linux")
        mine = device(session, "own", "linux")
    actor = person(7, engineer=mine.scope_id, viewer=None)
    with database.write() as session:
        assert runs.request(session, actor, "gather-facts", ["own"], check_mode=True)
    with pytest.raises(InvalidInputError), database.write() as session:
        runs.request(session, actor, "gather-facts", [server.name], check_mode=True)


def test_who_only_sees_a_device_reads_nothing_on_it(
    database: Database, both: tuple[Access, Access]
) -> None:
    actor = person(7, engineer=both[0].scope_id, viewer=None)
    with pytest.raises(InvalidInputError) as caught:
        run_command(database, FakeHostKeys({}), actor, "show version", ["theirs"])
    assert "no such element" in str(caught.value)


def test_a_change_that_was_started_while_it_was_planned_stays_started(
    database: Database,
    both: tuple[Access, Access],
    engineer: Actor,
    approver: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = approved(database, engineer, approver, both[0])

    def started_meanwhile(*_: object) -> list[object]:
        with database.write() as session:
            changes.execute(session, engineer, number)
        return []

    monkeypatch.setattr(planning, "_work", started_meanwhile)
    with pytest.raises(ConflictError):
        changes.plan(database, FakeHostKeys({}), engineer, number)
    assert state(database, number) == ChangeState.RUNNING


def test_an_approved_change_may_be_planned_again_and_is_approved_no_more(
    database: Database,
    both: tuple[Access, Access],
    engineer: Actor,
    approver: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = approved(database, engineer, approver, both[0])
    monkeypatch.setattr(planning, "_work", lambda *_: [])
    changes.plan(database, FakeHostKeys({}), engineer, number)
    with pytest.raises(ConflictError), database.write() as session:
        changes.execute(session, engineer, number)


def test_no_role_of_requesting_starts_a_change(
    database: Database, both: tuple[Access, Access], engineer: Actor, approver: Actor
) -> None:
    number = approved(database, engineer, approver, both[0])
    actor = person(7, operator=None)
    assert actor.may(Permission.CHANGE_REQUEST)
    with pytest.raises(DeniedError), database.write() as session:
        changes.execute(session, actor, number)


def test_who_wrote_a_change_down_never_decides_on_it_whoever_submitted(
    database: Database, both: tuple[Access, Access], engineer: Actor
) -> None:
    author = person(7, engineer=None, approver=None)
    number = planned(database, author, both[0])
    with database.write() as session:
        changes.submit(session, engineer, number)
        digest = session.get_one(Change, number).plan_sha256 or ""
    with pytest.raises(DeniedError), database.write() as session:
        changes.decide(session, author, number, digest, approve=True)
    assert state(database, number) == ChangeState.AWAITING_APPROVAL


def test_who_wrote_a_change_down_does_not_review_its_broken_glass(
    database: Database, both: tuple[Access, Access]
) -> None:
    author = person(7, engineer=None, approver=None)
    breaker = Actor(8, "p8", frozenset({Role.ADMIN}), None)
    number = planned(database, author, both[0])
    with database.write() as session:
        digest = session.get_one(Change, number).plan_sha256 or ""
        changes.break_glass(session, breaker, number, digest, "the hospital is cut off")
    with pytest.raises(DeniedError), database.write() as session:
        changes.review(session, author, number, "fine")


def test_an_approval_holds_until_a_day_after_its_window_opens(
    database: Database, both: tuple[Access, Access], engineer: Actor
) -> None:
    number = planned(database, engineer, both[0])
    opens = clock.now() + timedelta(days=3)
    with database.write() as session:
        session.get_one(Change, number).opens_at = opens
        given = changes.submit(session, engineer, number)
        assert approval.get(session, given).expires_at == opens + timedelta(hours=24)
