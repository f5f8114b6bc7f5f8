"""A run holds the devices it writes to, and a run that cannot begin says why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hatang.auth import Actor, Role
from hatang.errors import ConflictError, NotFoundError
from hatang.jobs import leases
from playbooks import collections, runs
from playbooks.choices import RunState
from playbooks.pace import USUAL, Pace
from playbooks.runs import jobs
from playbooks.runs.outcomes import LAST_TASK
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.db import Database
    from playbooks.access import Access
    from playbooks.runs.playing import Play


APPROVER = Actor(3, "approver", frozenset({Role.APPROVER}), None)


@pytest.fixture
def server(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Access:
    with database.write() as session:
        access = device(session, "srv", "linux")
    monkeypatch.setattr(jobs, "prepare", lambda *_: access)
    monkeypatch.setattr(jobs, "workspace", lambda *_: SimpleContext(tmp_path))
    return access


def finish(
    _wanted: Play, recorder: Callable[[dict[str, Any]], None], _cancelled: object = None
) -> str:
    """Let every task of the device be done."""
    recorder({"event": "runner_on_ok", "host": "srv", "task": LAST_TASK, "detail": {}})
    return "successful"


class SimpleContext:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Path:
        return self.folder

    def __exit__(self, *_: object) -> None:
        return


def run(
    database: Database, engineer: Actor, *, check_mode: bool = False, pace: Pace = USUAL
) -> tuple[str, int]:
    with database.write() as session:
        number = runs.request(session, engineer, "login-banner", ["srv"], check_mode=check_mode)
        if not check_mode:
            digest = runs.get_run(session, engineer, number).plan_sha256 or ""
            runs.decide(session, APPROVER, number, digest, approve=True)
            runs.start(session, engineer, number)
    state = jobs._run(database, number, f"run/{number}", lambda: False, pace=pace)
    return state, number


def hold(database: Database, access: Access, holder: str) -> leases.Lease:
    with database.write() as session:
        return leases.acquire(session, f"device/{access.device_id}", holder, 60)


def test_a_run_holds_its_devices_and_gives_them_back(
    database: Database, server: Access, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(wanted: Play, recorder: Callable[[dict[str, Any]], None], _cancelled: object) -> str:
        with pytest.raises(leases.LeaseHeldError):
            hold(database, server, "a push")
        return finish(wanted, recorder)

    monkeypatch.setattr(jobs, "play", play)
    assert run(database, engineer)[0] == RunState.SUCCESSFUL
    hold(database, server, "a push")


@pytest.mark.parametrize(
    ("check_mode", "state"), [(False, RunState.FAILED), (True, RunState.SUCCESSFUL)]
)
def test_a_device_that_another_holds_is_only_checked(
    database: Database,
    server: Access,
    engineer: Actor,
    monkeypatch: pytest.MonkeyPatch,
    *,
    check_mode: bool,
    state: RunState,
) -> None:
    hold(database, server, "change/1/push/1")
    monkeypatch.setattr(jobs, "play", finish)
    assert run(database, engineer, check_mode=check_mode)[0] == state


def test_a_run_that_cannot_begin_says_why(
    database: Database, server: Access, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_credential(*_: object) -> None:
        raise NotFoundError("there is no credential ops")

    monkeypatch.setattr(jobs, "prepare", without_credential)
    state, number = run(database, engineer)
    assert state == RunState.FAILED
    with database.read() as session:
        assert runs.get_run(session, SYSTEM, number).state == RunState.FAILED
        events = runs.list_events(session, SYSTEM, number)
    assert events[0].detail["message"] == "there is no credential ops"


def test_passwords_of_the_devices_are_masked_in_events(
    database: Database, server: Access, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = server.cli_login.password or ""

    def play(wanted: Play, recorder: Callable[[dict[str, Any]], None], _cancelled: object) -> str:
        told = {"message": f"it said {secret}"}
        recorder({"event": "runner_on_failed", "host": "srv", "task": "Write", "detail": told})
        return finish(wanted, recorder)

    monkeypatch.setattr(jobs, "play", play)
    _, number = run(database, engineer)
    with database.read() as session:
        events = runs.list_events(session, SYSTEM, number)
    assert all(secret not in str(event.detail.get("message", "")) for event in events)


@pytest.mark.parametrize(
    ("servers", "places", "options"),
    [
        (["a", "a", "a"], 2, "--diff --forks 2"),
        (["a", "a", "b", "b", None], 2, "--diff"),
        ([None, None, None], 2, "--diff"),
        (["a"] * 20, 16, "--diff --forks 10"),
    ],
)
def test_a_run_asks_one_aaa_server_for_no_more_devices_at_once_than_it_may(
    database: Database,
    server: Access,
    engineer: Actor,
    monkeypatch: pytest.MonkeyPatch,
    *,
    servers: list[str | None],
    places: int,
    options: str,
) -> None:
    told = []

    def play(wanted: Play, recorder: Callable[[dict[str, Any]], None], _cancelled: object) -> str:
        told.append(wanted.cmdline)
        return finish(wanted, recorder)

    accesses = [replace(server, aaa_server=one) for one in servers]
    start = jobs._start
    monkeypatch.setattr(jobs, "_start", lambda *given: replace(start(*given), accesses=accesses))
    monkeypatch.setattr(jobs, "play", play)
    run(database, engineer, pace=Pace(per_aaa_server=places))
    assert told == [options]


def test_network_devices_are_refused_before_approval_without_their_collections(
    database: Database, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        device(session, "sw", "cisco_ios")
    monkeypatch.setattr(collections, "found", lambda *_: {"cisco.ios": None})
    with database.write() as session, pytest.raises(ConflictError, match=r"cisco\.ios"):
        runs.request(session, engineer, "network-banner", ["sw"], check_mode=False)
