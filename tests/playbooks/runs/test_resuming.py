"""A run that a crash cut short goes on with unfinished devices alone, and lists the unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import ConflictError
from playbooks import runs
from playbooks.choices import HostOutcome, RunState
from playbooks.runs import jobs
from playbooks.runs.outcomes import LAST_TASK
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access
    from playbooks.runs.playing import Play

DEVICES = ("srv-1", "srv-2", "srv-3", "srv-4")


def event(kind: str, host: str, task: str) -> dict[str, Any]:
    return {"event": kind, "host": host, "task": task, "detail": {}}


def done(host: str) -> list[dict[str, Any]]:
    return [event("runner_on_start", host, LAST_TASK), event("runner_on_ok", host, LAST_TASK)]


class Killed(BaseException):
    """The worker is gone: nothing after it is carried out."""


@pytest.fixture
def number(database: Database, engineer: Actor, monkeypatch: pytest.MonkeyPatch) -> int:
    with database.write() as session:
        accesses = {name: device(session, name, "linux") for name in DEVICES}
        found = runs.request(session, engineer, "login-banner", DEVICES, check_mode=True)
    monkeypatch.setattr(jobs, "prepare", lambda _session, row: accesses[row.name])
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Return which devices each workspace was made for."""
    seen: list[list[str]] = []

    class Workspace:
        def __init__(self, accesses: list[Access], *_: object) -> None:
            seen.append([each.name for each in accesses])

        def __enter__(self) -> Path:
            return tmp_path

        def __exit__(self, *_: object) -> None:
            return

    monkeypatch.setattr(jobs, "workspace", Workspace)
    return seen


def attempt(
    database: Database,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
    events: list[dict[str, Any]],
    *,
    is_killed: bool = False,
) -> str:
    def play(_wanted: Play, recorder: Callable[[dict[str, Any]], None], _cancelled: object) -> str:
        for each in events:
            recorder(each)
        if is_killed:
            raise Killed
        return "successful"

    monkeypatch.setattr(jobs, "play", play)
    return jobs._run(database, number, f"run/{number}", lambda: False)


def killed_run(database: Database, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one device be done, one fail, one be in a task, and the fourth not begin."""
    events = done("srv-1")
    events += [event("runner_on_start", "srv-2", "a"), event("runner_on_failed", "srv-2", "a")]
    events += [event("runner_on_start", "srv-3", "a")]
    with pytest.raises(Killed):
        attempt(database, number, monkeypatch, events, is_killed=True)


def test_only_unfinished_devices_run_again(
    database: Database, number: int, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_run(database, number, monkeypatch)
    attempt(database, number, monkeypatch, done("srv-4"))
    assert asked == [list(DEVICES), ["srv-4"]]


def test_what_nobody_saw_end_is_listed_as_unknown_and_the_run_is_no_success(
    database: Database, number: int, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_run(database, number, monkeypatch)
    assert attempt(database, number, monkeypatch, done("srv-4")) == RunState.FAILED
    with database.read() as session:
        found = runs.get_run(session, SYSTEM, number)
        events = runs.list_events(session, SYSTEM, number)
    assert found.outcomes == {
        "srv-1": HostOutcome.DONE,
        "srv-2": HostOutcome.FAILED,
        "srv-3": HostOutcome.UNKNOWN,
        "srv-4": HostOutcome.DONE,
    }
    told = [each.detail["message"] for each in events if each.kind == "devices_unknown"]
    assert told == ["srv-3"]


def test_a_second_crash_forgets_nothing(
    database: Database, number: int, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_run(database, number, monkeypatch)
    started = [event("runner_on_start", "srv-4", "a")]
    with pytest.raises(Killed):
        attempt(database, number, monkeypatch, started, is_killed=True)
    attempt(database, number, monkeypatch, [])
    assert asked == [list(DEVICES), ["srv-4"]]
    with database.read() as session:
        outcomes = runs.get_run(session, SYSTEM, number).outcomes or {}
    assert outcomes["srv-4"] == outcomes["srv-3"] == HostOutcome.UNKNOWN


def test_a_run_that_ansible_calls_successful_needs_every_device_at_its_end(
    database: Database, number: int, asked: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempt(database, number, monkeypatch, done("srv-1")) == RunState.FAILED


def test_a_retry_asks_for_the_devices_that_are_not_done(
    database: Database,
    number: int,
    asked: list[list[str]],
    engineer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed_run(database, number, monkeypatch)
    with database.write() as session, pytest.raises(ConflictError):
        runs.retry(session, engineer, number)
    attempt(database, number, monkeypatch, done("srv-4"))
    with database.write() as session:
        again = runs.retry(session, engineer, number)
        assert runs.get_run(session, engineer, again).devices == ("srv-2", "srv-3")
