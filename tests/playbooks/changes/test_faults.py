"""What may befall a push to a switch: nothing is lost, done twice, or told as it is not.

The switches are simulated and tell the truth in journals of their own. Each fault has the moments
in which it hurts most: `armed`, written down and not yet sent; `sent`, waiting to be confirmed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from hatang import clock
from hatang.clock import now as real_now
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers import hostkeys, napalm
from hatang.drivers.napalm import NapalmOptions, NapalmSession
from hatang.errors import Reason
from hatang.jobs.leases import LeaseLostError
from hatang.jobs.models import JobLease
from inventory.models import Device
from playbooks.changes import jobs
from playbooks.changes.push import RETRY_SECONDS, Attempt, Outcome, push
from playbooks.choices import ChangeState, TargetState
from tests.acceptance.red import eventually, hold, turns_red
from tests.lab.simulators.switch import LISTEN, Switch
from tests.lab.simulators.test_ios_napalm import driver as by_hand
from tests.playbooks.changes.relay import relayed
from tests.playbooks.changes.scene import (
    FASTER,
    ROOT,
    Play,
    Scene,
    boot,
    people,
    play,
    quick,
    started,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.drivers.protocols import PublicKey

pytestmark = pytest.mark.slow

__all__ = ["boot", "people", "play", "quick"]

MARK = "description from-hatang"
BOTH = (pytest.param("armed", marks=pytest.mark.soak), "sent")
PATIENCE_SECONDS = 60.0
AWAY_SECONDS = 6.0
READ_SECONDS = 4.0
DISK_BYTES = 24 * 2**20


def befalls(patch: pytest.MonkeyPatch, moment: str, what: Callable[[], object]) -> None:
    """Let something happen once, right before or right after the commit is sent."""
    call, left = NapalmSession.call, [what]

    def called(self: NapalmSession, method: str, *args: object, **named: object) -> Any:
        is_commit = method == "commit_config" and bool(left)
        if is_commit and moment == "armed":
            left.pop()()
        found = call(self, method, *args, **named)
        if is_commit and moment == "sent":
            left.pop()()
        return found

    patch.setattr(NapalmSession, "call", called)


def done(switch: Switch) -> dict[str, int]:
    """How often its lines were changed, kept and taken back, by the switch's own journal."""
    counted = switch.actions()
    return {each: counted[each] for each in ("change", "confirm", "revert")}


def check_once(scene: Scene) -> None:
    """The switch was changed once and keeps it; hatang knows so, and the change is done."""
    hold(done(scene.switch) == {"change": 1, "confirm": 1, "revert": 0}, str(done(scene.switch)))
    states = scene.target.state, scene.state
    hold(states == (TargetState.CONFIRMED, ChangeState.DONE), f"told: {states}")


def check_untouched(scene: Scene, state: TargetState, reason: Reason) -> None:
    """Neither a line nor a timer reached the switch, and hatang says why."""
    hold(not any(done(scene.switch).values()), f"touched: {done(scene.switch)}")
    hold(not scene.switch.actions()["timer_armed"], "a timer was armed")
    told = scene.target.state, scene.target.reason
    hold(told == (state, reason), f"told: {told}, {scene.target.detail}")


def check_back(scene: Scene, *, state: TargetState = TargetState.REVERTED) -> None:
    """Whatever came in is out again and was never kept; hatang says so."""
    counted = scene.switch.actions()
    hold(counted["confirm"] == counted["save"] == 0, f"kept: {counted}")
    hold(MARK not in running(scene.switch), "the lines are still in")
    hold(scene.target.state == state, f"told: {scene.target.state}, {scene.target.detail}")


def running(switch: Switch) -> str:
    """What runs on the switch, as somebody sees who logs in by hand."""
    opened = by_hand(switch)
    opened.open()
    text = str(opened.get_config(retrieve="running")["running"])
    opened.close()
    return text


@pytest.mark.parametrize("moment", BOTH)
def test_a_switch_that_boots_in_the_middle_has_its_old_lines_and_hatang_knows(
    play: Play, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    scene = play("ios")

    def lose_power() -> None:
        scene.switch.end(signal.SIGKILL)
        scene.switch.start()

    befalls(monkeypatch, moment, lose_power)
    assert scene.push() == TargetState.REVERTED
    check_back(scene)
    hold(scene.switch.actions()["boot"] == 2, "it never booted")


def test_sabotage_a_push_that_believes_what_it_sent(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believing(*given: Any, **named: Any) -> Outcome:
        push(*given, **named)
        return Outcome(TargetState.CONFIRMED)

    scene = play("ios")
    monkeypatch.setattr(jobs, "push", believing)
    befalls(monkeypatch, "sent", lambda: scene.switch.end(signal.SIGKILL) and scene.switch.start())
    scene.push()
    with turns_red():
        check_once(scene)


@pytest.mark.parametrize(
    ("moment", "factor"),
    [
        pytest.param("armed", 1, marks=pytest.mark.soak),
        ("sent", 1),
        pytest.param("sent", FASTER, marks=pytest.mark.soak),
    ],
    ids=str,
)
def test_a_switch_that_vanishes_without_a_word_is_found_again_as_it_is(
    play: Play, monkeypatch: pytest.MonkeyPatch, moment: str, factor: int
) -> None:
    scene = play("ios", factor)
    impatient = partial(NapalmOptions, timeout_seconds=READ_SECONDS)
    monkeypatch.setattr(napalm, "NapalmOptions", impatient)
    with relayed((LISTEN, scene.switch.port)) as relay:
        move(scene, relay.port)

        def vanish() -> None:
            relay.cut()
            threading.Timer(AWAY_SECONDS, relay.mend).start()

        befalls(monkeypatch, moment, vanish)
        scene.push()
    if (moment, factor) == ("sent", 1):
        check_once(scene)  # its timer ran on, and the next login was in time
    else:
        check_back(scene)


def move(scene: Scene, port: int) -> None:
    """Reach the switch at another port, which has the same key."""
    with scene.database.write() as session:
        session.scalars(select(Device)).one().ports = {"ssh": port}
        hostkeys.enrol(session, LISTEN, port, [hostkeys.parse_key(scene.switch.host_key)], "test")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.soak), "sent"])
def test_an_expired_password_keeps_nothing_and_is_tried_seldom(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, moment: str
) -> None:
    scene = play("ios", FASTER, expired=str(tmp_path / "expired"))
    expire = (tmp_path / "expired").touch
    if moment == "before":
        expire()
        scene.push()
        check_untouched(scene, TargetState.FAILED, Reason.AUTH_FAILED)
        return
    push_and_expire(scene, monkeypatch, tmp_path / "expired")
    hold(scene.target.reason == Reason.AUTH_FAILED, f"told: {scene.target.reason}")
    check_tries(scene)
    check_back(scene, state=TargetState.UNKNOWN)


def push_and_expire(scene: Scene, patch: pytest.MonkeyPatch, expired: Path) -> None:
    """Let the password expire once the commit is sent, until the switch took it back."""
    befalls(patch, "sent", expired.touch)
    scene.push()
    expired.unlink()
    scene.switch.until("revert")


def check_tries(scene: Scene) -> None:
    tries = scene.switch.actions()["login_failed"]
    hold(tries <= 10, f"{tries} logins in two minutes lock the user out")


@pytest.mark.soak
@pytest.mark.usefixtures("quick")
def test_sabotage_a_push_that_tries_a_refused_login_as_often_as_any(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene = play("ios", FASTER, expired=str(tmp_path / "expired"))
    monkeypatch.setattr("playbooks.changes.push.REFUSED_SECONDS", RETRY_SECONDS)
    push_and_expire(scene, monkeypatch, tmp_path / "expired")
    with turns_red():
        check_tries(scene)


def test_a_switch_with_another_host_key_is_sent_no_password(play: Play) -> None:
    scene = play("ios")
    logins = scene.switch.actions()["login"]
    exchange_key(scene)
    scene.push()
    check_untouched(scene, TargetState.FAILED, Reason.HOST_KEY_MISMATCH)
    hold(scene.switch.actions()["login"] == logins, "somebody logged in")
    hold(not scene.switch.actions()["login_failed"], "a password was sent")


def exchange_key(scene: Scene) -> PublicKey:
    """Let the switch come back with another host key; returns that."""
    scene.switch.end(signal.SIGKILL)
    other = asyncssh.generate_private_key("ssh-ed25519")
    (scene.switch.directory / "host_key").write_bytes(other.export_private_key())
    scene.switch.start()
    return hostkeys.parse_key(other.export_public_key().decode())


@pytest.mark.soak
def test_sabotage_a_push_that_takes_whatever_key_it_meets(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play("ios")
    met = exchange_key(scene)
    monkeypatch.setattr(hostkeys.StoredHostKeys, "lookup", lambda *_: [met])
    scene.push()
    with turns_red():
        check_untouched(scene, TargetState.FAILED, Reason.HOST_KEY_MISMATCH)


@pytest.fixture
def small(disk: Path, data_dir: Path, sqlite_database: Database) -> Iterator[Database]:
    """A database on that disk."""
    shutil.copytree(data_dir, disk / "data")
    database = Database.open(f"sqlite:///{disk / 'data' / 'hatang.sqlite3'}")
    equip_all(database, Places.under(disk / "data"))
    yield database
    database.dispose()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own for the data directory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("a disk of its own needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave no byte on the disk."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        size = 2**20
        while size:
            try:
                filler.write(b"x" * size)
            except OSError:
                size //= 2


@pytest.mark.parametrize("moment", BOTH)
def test_a_full_disk_stops_the_push_and_it_goes_on_when_there_is_room(
    disk: Path, small: Database, play: Play, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr(jobs, "WRITE_AGAIN_SECONDS", (0.1, 0.1))
    scene = play("ios", database=small)
    if moment == "armed":
        arm = jobs._Guard.arm

        def fill_and_arm(guard: Any) -> Any:
            fill(disk)
            return arm(guard)

        monkeypatch.setattr(jobs._Guard, "arm", fill_and_arm)
    else:
        befalls(monkeypatch, moment, lambda: fill(disk))
    with pytest.raises(OperationalError, match="full"):
        scene.push()
    check_unconfirmed(scene)
    hold(done(scene.switch)["change"] == (moment == "sent"), str(done(scene.switch)))
    monkeypatch.undo()
    (disk / "filler").unlink()
    assert scene.push() == TargetState.CONFIRMED
    check_once(scene)


def check_unconfirmed(scene: Scene) -> None:
    hold(done(scene.switch)["confirm"] == 0, "confirmed, and nobody could write it down")


@pytest.mark.parametrize("hours", [-5, pytest.param(5, marks=pytest.mark.soak)])
@pytest.mark.parametrize("moment", BOTH)
def test_a_clock_that_jumps_in_the_middle_disturbs_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch, moment: str, hours: int
) -> None:
    scene = play("ios")
    jumped = partial(later, timedelta(hours=hours))
    befalls(monkeypatch, moment, lambda: monkeypatch.setattr(clock, "now", jumped))
    assert scene.push() == TargetState.CONFIRMED
    check_once(scene)


@pytest.mark.soak
def test_sabotage_a_push_that_measures_its_timer_by_the_calendar(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play("ios")
    monkeypatch.setattr(Attempt, "_since", lambda _, armed_at: clock.now() - armed_at)
    jumped = partial(later, timedelta(hours=5))
    befalls(monkeypatch, "sent", lambda: monkeypatch.setattr(clock, "now", jumped))
    with suppress(LeaseLostError):  # it gives up, and nobody had reason to hold the lease
        scene.push()
    with turns_red():
        check_once(scene)


def later(by: timedelta) -> Any:
    return real_now() + by


def test_of_two_engineers_on_one_switch_the_second_is_told_and_undoes_nothing(
    play: Play, people: tuple[Actor, Actor, Actor]
) -> None:
    scene = play("ios")
    other = "interface GigabitEthernet1/0/1\n description from-another\n"
    number = started(scene.database, people, other)
    second = Scene(scene.switch, scene.database, scene.data_dir, number)
    assert scene.push() == TargetState.CONFIRMED
    assert second.push() == TargetState.DRIFT
    check_once(scene)
    hold(second.state == ChangeState.FAILED, f"the second change is {second.state}")


def test_two_pushes_at_once_are_one_after_the_other(
    play: Play, monkeypatch: pytest.MonkeyPatch, people: tuple[Actor, Actor, Actor]
) -> None:
    scene = play("ios")
    other = "interface GigabitEthernet1/0/2\n description from-another\n"
    number = started(scene.database, people, other)
    second = Scene(scene.switch, scene.database, scene.data_dir, number)
    befalls(monkeypatch, "sent", second.push)
    scene.push()
    check_once(scene)
    check_busy(second)


def check_busy(second: Scene) -> None:
    told = second.target.state, second.target.reason
    hold(told == (TargetState.FAILED, Reason.BUSY), f"the second is told {told}")


def type_by_hand(switch: Switch) -> None:
    """Change the switch as a colleague does who does not use hatang."""
    opened = by_hand(switch)
    opened.open()
    opened.device.send_config_set(["hostname by-hand"])
    opened.close()


def test_a_line_typed_by_hand_after_the_plan_stops_the_push_as_drift(play: Play) -> None:
    scene = play("ios")
    type_by_hand(scene.switch)
    scene.push()
    hold(scene.target.state == TargetState.DRIFT, f"told: {scene.target.state}")
    hold(done(scene.switch) == {"change": 1, "confirm": 0, "revert": 0}, str(done(scene.switch)))
    hold("hostname by-hand" in running(scene.switch), "the colleague's line is gone")


def test_sabotage_a_push_that_does_not_compare(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play("ios")
    type_by_hand(scene.switch)
    monkeypatch.setattr(Attempt, "_is_as_before", lambda *_: True)
    scene.push()
    with turns_red():
        hold(scene.target.state == TargetState.DRIFT, f"told: {scene.target.state}")


@pytest.fixture
def still(play: Play, request: pytest.FixtureRequest) -> Iterator[tuple[Scene, Any]]:
    """A worker that stands still at a moment of its push."""
    moment, factor = request.param
    scene = play("ios", factor)
    process = subprocess.Popen(scene.doomed(f"stop:{moment}"), cwd=ROOT, stderr=subprocess.PIPE)
    try:
        assert eventually(lambda: stands_still(process.pid), PATIENCE_SECONDS)
        yield scene, process
    finally:
        process.kill()
        process.communicate()


def stands_still(pid: int) -> bool:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - a line of the kernel
        return stat.read().rpartition(")")[2].split()[0] == "T"


def expire_leases(database: Database) -> None:
    with database.write() as session:
        session.execute(update(JobLease).values(expires_at=clock.now() - timedelta(seconds=1)))


def go_on(process: subprocess.Popen[bytes]) -> str:
    """Let a worker that stood still go on to its end; returns what it complains of."""
    process.send_signal(signal.SIGCONT)
    return process.communicate(timeout=PATIENCE_SECONDS)[1].decode()


@pytest.mark.parametrize("still", [("sent", 1)], indirect=True, ids=str)
def test_a_worker_that_comes_back_after_its_lease_was_taken_neither_writes_nor_speaks(
    still: tuple[Scene, Any],
) -> None:
    scene, process = still
    expire_leases(scene.database)
    assert scene.push() == TargetState.CONFIRMED
    check_silent(process)
    check_once(scene)


def check_silent(process: subprocess.Popen[bytes]) -> None:
    """Let a worker that stood still go on: it finds that the device went to another."""
    complaint = go_on(process)
    hold("LeaseLostError" in complaint and process.returncode != 0, complaint[-500:])


@pytest.mark.parametrize("still", [("ticking", FASTER)], indirect=True, ids=str)
def test_a_worker_that_comes_back_after_the_timer_ran_out_sends_nothing(
    still: tuple[Scene, Any],
) -> None:
    scene, process = still
    scene.switch.until("revert")
    go_on(process)
    hold(scene.switch.actions()["change"] == 0, "the text came in without a way back")
    check_back(scene)
