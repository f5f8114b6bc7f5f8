"""The jobs, and that a run cut short or done twice leaves one answer and one history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from hatang import clock
from hatang.auth import Role
from hatang.errors import DeniedError, InvalidInputError
from hatang.jobs import JOBS
from hatang.jobs.memory import MemoryEngine
from hatang.metrics import render
from hatang.settings import Settings
from playbooks import drift
from playbooks.drift import checking, jobs, series
from playbooks.drift.following import Outcome, follow
from playbooks.models import Drift, PastDrift
from tests.playbooks.drift.scene import DRIFTED, IN_LINE, Scene, at

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database, WriteSession

pytestmark = pytest.mark.slow


class KilledError(BaseException):
    """The worker is gone."""


def test_one_job_runs_at_night_and_one_each_minute() -> None:
    assert JOBS.get("playbooks.drift").cron == jobs.NIGHTLY
    assert JOBS.get("playbooks.drift-changed").cron == jobs.EACH_MINUTE


@pytest.mark.parametrize("name", ["playbooks.drift", "playbooks.drift-changed"])
def test_a_job_compares_and_says_how_many_are_in_each_state(
    database: Database, engineer: Actor, tmp_path: Path, name: str
) -> None:
    scene = Scene(database, engineer)
    scene.keep(scene.router(), DRIFTED)
    scene.intend("r1")
    engine = MemoryEngine(database, Settings(data_dir=tmp_path))
    with clock.frozen(at(1)):
        engine.enqueue(name, {}, key="night")
    assert engine.status("night").result == {"drifted": 1}
    assert scene.row().state == "drifted"


def test_what_is_asked_for_is_compared_once_however_often_it_is_asked(
    database: Database, engineer: Actor, tmp_path: Path
) -> None:
    scene = Scene(database, engineer)
    for name in ("r1", "r2"):
        scene.keep(scene.router(name), DRIFTED)
    scene.intend("r1", "r2")
    engine = MemoryEngine(database, Settings(data_dir=tmp_path))
    first = ask(scene, 1.0, "r1")
    assert ask(scene, 1.5, "r1") == first
    other = ask(scene, 1.5, "r2")
    assert other != first
    with clock.frozen(at(2)):
        assert engine.run_requested() == 2
    assert engine.status(first).result == engine.status(other).result == {"drifted": 1}
    assert ask(scene, 3.0, "r1") != first


def test_who_asks_in_vain_leaves_no_job(scene: Scene) -> None:
    scene.router()
    with pytest.raises(InvalidInputError):
        ask(scene, 1.0, "r9")
    auditor = replace(scene.engineer, roles=frozenset({Role.AUDITOR}))
    with pytest.raises(DeniedError), scene.database.write() as session:
        drift.ask(session, auditor)
    with scene.database.read() as session:
        assert not drift.is_underway(session)


def ask(scene: Scene, hour: float, *names: str) -> str:
    with clock.frozen(at(hour)), scene.database.write() as session:
        key = drift.ask(session, scene.engineer, names)
        assert drift.is_underway(session)
        return key


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_run_that_is_killed_is_done_again_without_a_second_history(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    monkeypatch.setattr(checking, "CHUNK", 1)
    routers = [scene.router(name) for name in ("r1", "r2", "r3")]
    for access in routers:
        scene.keep(access, DRIFTED)
    scene.intend("r1", "r2", "r3")
    scene.check()
    for access in routers:
        scene.keep(access, IN_LINE)
    scene.hour = 5
    done: list[object] = []

    def dying(session: WriteSession, *given: Any) -> list[Outcome]:
        if len(done) == chunks:
            raise KilledError
        done.append(given)
        return follow(session, *given)

    with monkeypatch.context() as until:
        until.setattr(checking, "follow", dying)
        with pytest.raises(KilledError):
            scene.check()
    scene.hour = 6
    assert scene.check(is_everything=False) == {"in_line": 3 - chunks}
    scene.check()
    with scene.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Drift)) == 3
        over = session.scalars(select(PastDrift)).all()
    assert sorted((one.device_id, one.since) for one in over) == [
        (access.device_id, at(0)) for access in routers
    ]


def shown(scene: Scene) -> dict[str, float]:
    with scene.database.read() as session:
        series.update(session)
    lines = [line for line in render()[0].decode().splitlines() if line.startswith("hatang_drift")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_series_tell_since_when_a_device_drifts_and_of_how_many_nothing_is_known(
    scene: Scene,
) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    scene.router("r2")
    scene.intend("r1", "r2")
    scene.check()
    devices = 'hatang_drift_devices{state="%s"}'
    since = 'hatang_drift_since_timestamp_seconds{device="r1",element="device:key-r1"}'
    assert shown(scene) == {
        since: at(0).timestamp(),
        devices % "drifted": 1,
        devices % "unknown": 1,
        devices % "in_line": 0,
    }
    scene.hour = 1
    scene.keep(access, IN_LINE)
    scene.check()
    assert shown(scene) == {
        devices % "drifted": 0,
        devices % "unknown": 1,
        devices % "in_line": 1,
    }
