"""What the proofs of faults turn red by: a push that leaves out what guards it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from hatang.drivers import napalm
from hatang.drivers.napalm import NapalmOptions, NapalmSession
from hatang.jobs import leases
from playbooks.changes import jobs
from playbooks.changes.push import Attempt, Outcome
from playbooks.choices import TargetState
from tests.acceptance.red import hold, turns_red
from tests.lab.simulators.switch import LISTEN
from tests.playbooks.changes.relay import relayed
from tests.playbooks.changes.scene import Play, Scene, boot, people, play, started
from tests.playbooks.changes.test_faults import (
    READ_SECONDS,
    befalls,
    check_busy,
    check_once,
    check_silent,
    check_unconfirmed,
    disk,
    expire_leases,
    fill,
    move,
    small,
    still,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow

__all__ = ["boot", "disk", "people", "play", "small", "still"]


def another(scene: Scene, people: tuple[Actor, Actor, Actor], port: int) -> Scene:
    """Return a second change of the same switch."""
    text = f"interface GigabitEthernet1/0/{port}\n description from-another\n"
    return replace(scene, number=started(scene.database, people, text))


def test_sabotage_a_worker_that_does_not_look_after_a_kill(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, call = play("ios"), NapalmSession.call
    scene.push_and_die("sent")

    def blind(self: NapalmSession, method: str, *args: object, **named: object) -> Any:
        return [] if method == "pending_commits" else call(self, method, *args, **named)

    monkeypatch.setattr(NapalmSession, "call", blind)
    scene.push()
    with turns_red():
        check_once(scene)


def test_sabotage_a_push_that_does_not_log_in_again(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play("ios")
    impatient = partial(NapalmOptions, timeout_seconds=READ_SECONDS)
    monkeypatch.setattr(napalm, "NapalmOptions", impatient)
    given_up = Outcome(TargetState.UNKNOWN)
    monkeypatch.setattr("playbooks.changes.push._prove", lambda *_: given_up)
    with relayed((LISTEN, scene.switch.port)) as relay:
        move(scene, relay.port)
        befalls(monkeypatch, "sent", relay.cut)
        scene.push()
    with turns_red():
        check_once(scene)


def test_sabotage_a_push_that_confirms_what_nobody_can_write_down(
    disk: Path, small: Database, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WRITE_AGAIN_SECONDS", (0.1,))
    monkeypatch.setattr(jobs._Guard, "hold", lambda _: None)
    scene = play("ios", database=small)
    befalls(monkeypatch, "sent", lambda: fill(disk))
    with suppress(OperationalError, OSError):  # the database, or the folder of contents, is full
        scene.push()
    with turns_red():
        check_unconfirmed(scene)


def test_sabotage_two_pushes_that_hold_no_lease_and_ask_not_whose_commit_waits(
    play: Play, monkeypatch: pytest.MonkeyPatch, people: tuple[Actor, Actor, Actor]
) -> None:
    scene, acquire = play("ios"), leases.acquire
    second = another(scene, people, 2)

    def alone(session: Any, resource: str, holder: str, seconds: float) -> Any:
        return acquire(session, f"{resource}/{holder}", holder, seconds)

    monkeypatch.setattr(leases, "acquire", alone)
    monkeypatch.setattr(Attempt, "_is_ours", lambda *_: True)
    monkeypatch.setattr(Attempt, "_is_whole", lambda *_: True)
    befalls(monkeypatch, "sent", second.push)
    scene.push()
    with turns_red():
        check_busy(second)


def test_sabotage_a_second_engineer_whose_push_does_not_compare(
    play: Play, monkeypatch: pytest.MonkeyPatch, people: tuple[Actor, Actor, Actor]
) -> None:
    scene = play("ios")
    second = another(scene, people, 1)
    scene.push()
    monkeypatch.setattr(Attempt, "_is_as_before", lambda *_: True)
    second.push()
    with turns_red():
        hold(second.target.state == TargetState.DRIFT, f"told: {second.target.state}")


@pytest.mark.parametrize("still", [("careless:sent", 1)], indirect=True, ids=str)
def test_sabotage_a_worker_that_comes_back_and_does_not_ask_whose_the_device_is(
    still: tuple[Scene, Any],
) -> None:
    scene, process = still
    expire_leases(scene.database)
    scene.push()
    with turns_red():
        check_silent(process)
