"""A playbook that writes is a change: a second person approves exactly it, then it may start."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import calendar, clock
from hatang.errors import ConflictError, DeniedError
from hatang.jobs import runs as job_runs
from inventory.models import Device
from inventory.rows import Query
from playbooks import runs
from playbooks.choices import RunState
from playbooks.runs import jobs, service
from tests.playbooks.changes.planned import person
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access


@pytest.fixture
def server(database: Database) -> Access:
    with database.write() as session:
        return device(session, "srv", "linux")


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Edit the playbook, and let nothing of it run."""

    def edited() -> None:
        (tmp_path / "login-banner.yml").write_text("- hosts: all\n")
        monkeypatch.setattr(service, "SITE", tmp_path)
        monkeypatch.setattr(jobs, "play", lambda *_, **__: pytest.fail("it ran"))

    return edited


def ask(
    database: Database, actor: Actor, name: str = "login-banner", *, check: bool = False
) -> int:
    with database.write() as session:
        return runs.request(session, actor, name, ["srv"], check_mode=check)


def approve(database: Database, actor: Actor, number: int, digest: str = "") -> None:
    with database.write() as session:
        found = digest or runs.get_run(session, actor, number).plan_sha256 or ""
        runs.decide(session, actor, number, found, approve=True)


def start(database: Database, actor: Actor, number: int) -> str:
    with database.write() as session:
        return runs.start(session, actor, number)


def state(database: Database, actor: Actor, number: int) -> str:
    with database.read() as session:
        return runs.get_run(session, actor, number).state


def queued(database: Database) -> list[str]:
    with database.read() as session:
        return [run.key for run in job_runs.requested(session)]


def test_what_writes_waits_for_a_second_person(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    assert state(database, engineer, number) == RunState.AWAITING_APPROVAL
    with pytest.raises(ConflictError):
        start(database, engineer, number)
    assert queued(database) == []
    approve(database, approver, number)
    assert queued(database) == []
    assert start(database, engineer, number) == f"run/{number}"
    assert queued(database) == [f"run/{number}"]
    with database.read() as session:
        assert runs.get_run(session, engineer, number).approver == approver.name


@pytest.mark.parametrize(("name", "check"), [("gather-facts", False), ("login-banner", True)])
def test_what_only_reads_or_checks_is_queued_at_once(
    database: Database, server: Access, engineer: Actor, name: str, *, check: bool
) -> None:
    number = ask(database, engineer, name, check=check)
    assert state(database, engineer, number) == RunState.PENDING
    assert queued(database) == [f"run/{number}"]


def test_the_requester_never_approves(database: Database, server: Access) -> None:
    both = person(7, engineer=None, approver=None)
    number = ask(database, both)
    with pytest.raises(DeniedError):
        approve(database, both, number)


def test_another_hash_than_what_is_asked_for_is_not_approved(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    with pytest.raises(ConflictError):
        approve(database, approver, number, "0" * 64)


def test_a_rejected_run_never_starts(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    with database.write() as session:
        digest = runs.get_run(session, approver, number).plan_sha256 or ""
        runs.decide(session, approver, number, digest, approve=False)
    assert state(database, engineer, number) == RunState.CANCELLED
    with pytest.raises(ConflictError):
        start(database, engineer, number)


def test_a_playbook_edited_after_the_approval_does_not_start(
    database: Database,
    server: Access,
    engineer: Actor,
    approver: Actor,
    edit: Callable[[], None],
) -> None:
    number = ask(database, engineer)
    approve(database, approver, number)
    edit()
    with pytest.raises(ConflictError, match="no longer what was asked"):
        start(database, engineer, number)


def test_a_playbook_edited_between_start_and_run_is_not_run(
    database: Database,
    server: Access,
    engineer: Actor,
    approver: Actor,
    edit: Callable[[], None],
) -> None:
    number = ask(database, engineer)
    approve(database, approver, number)
    start(database, engineer, number)
    edit()
    assert jobs._run(database, number, f"run/{number}", lambda: False) == RunState.FAILED


def test_a_device_renamed_after_the_approval_stops_the_run(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    approve(database, approver, number)
    with database.write() as session:
        session.get_one(Device, server.device_id).name = "other"
    with pytest.raises(ConflictError):
        start(database, engineer, number)


def test_nothing_is_run_where_a_conference_is_booked(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    approve(database, approver, number)
    with database.write() as session:
        until = clock.now() + timedelta(hours=1)
        calendar.book(session, "site:s-srv", clock.now(), until, "meeting", source="m", title="G")
    with pytest.raises(ConflictError, match="booked"):
        start(database, engineer, number)


def test_a_run_nobody_started_is_cancelled(
    database: Database, server: Access, engineer: Actor, approver: Actor
) -> None:
    number = ask(database, engineer)
    with database.write() as session:
        runs.cancel(session, engineer, number)
    assert state(database, engineer, number) == RunState.CANCELLED
    with pytest.raises(ConflictError):
        approve(database, approver, number)


def test_runs_are_listed_a_page_at_a_time(
    database: Database, server: Access, engineer: Actor
) -> None:
    numbers = [ask(database, engineer, check=True) for _ in range(5)]
    with database.read() as session:
        newest = runs.list_runs(session, engineer, Query(limit=2))
        oldest = runs.list_runs(session, engineer, Query({}, "", "id", 2, 1))
    assert [row.id for row in newest.items] == numbers[:-3:-1]
    assert [row.id for row in oldest.items] == numbers[1:3]
    assert newest.total == oldest.total == 5
