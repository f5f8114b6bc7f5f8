"""The daily round: what is approved begins on its day in the province's own time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.jobs import JOBS, JobState
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from inventory.jobs import DAILY, today
from inventory.service import reorganising
from tests.inventory.reorganisation.test_applying import approve, file

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

JOB = "inventory.reorganise"
# 00:05 on 1 January 2027 in Việt Nam (UTC+7), and a quarter of an hour before.
MIDNIGHT = datetime(2026, 12, 31, 17, 5, tzinfo=UTC)
EVENING = datetime(2026, 12, 31, 16, 50, tzinfo=UTC)


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir)


def run(database: Database, settings: Settings, at: datetime) -> dict[str, object]:
    engine = MemoryEngine(database, settings)
    with clock.frozen(at):
        key = engine.enqueue(JOB, {"scheduled_at": str(at)}, key=f"{JOB}@{at}")
        status = engine.status(key)
    assert status.state == JobState.SUCCEEDED, status.error
    return dict(status.result)


def test_a_day_begins_at_the_province_s_midnight(settings: Settings) -> None:
    with clock.frozen(MIDNIGHT):
        assert today(settings) == date(2027, 1, 1)
    with clock.frozen(EVENING):
        assert today(settings) == date(2026, 12, 31)


@pytest.mark.usefixtures("province")
def test_it_is_applied_on_its_day_and_once(
    database: Database, settings: Settings, engineer: Actor, approver: Actor
) -> None:
    with clock.frozen(EVENING):
        number = file(database, engineer)
        approve(database, approver, number)
    assert run(database, settings, EVENING) == {"applied": 0, "refused": 0}
    assert run(database, settings, MIDNIGHT) == {"applied": 1, "refused": 0}
    later = MIDNIGHT.replace(day=31, hour=18)
    assert run(database, settings, later) == {"applied": 0, "refused": 0}
    with database.read() as session:
        shown = reorganising.get_reorganisation(session, engineer, number)
    assert shown.state == reorganising.APPLIED


def test_the_job_is_on_the_schedule() -> None:
    assert next(spec.cron for spec in JOBS.all() if spec.name == JOB) == DAILY
