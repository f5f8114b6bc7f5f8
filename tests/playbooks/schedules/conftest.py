"""A server, people with accounts and rights, and a nightly schedule of theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.auth import Actor, Role
from hatang.auth.models import User, UserRole
from hatang.auth.users import actor_of
from hatang.calendar.recurrence import Frequency, Rule
from hatang.jobs import runs as job_runs
from playbooks import schedules
from playbooks.changes.selecting import Selection
from playbooks.models import PlaybookRun
from playbooks.runs import jobs as run_jobs
from playbooks.schedules import OccurrenceRow, ScheduleDraft, ScheduleRow
from playbooks.schedules.jobs import settle_all
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database
    from playbooks.access import Access

ZONE = "Asia/Ho_Chi_Minh"
TODAY = date(2026, 12, 1)
NOON = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)  # 12:00 in Hà Nội
FIRST = datetime(2026, 12, 1, 19, 0, tzinfo=UTC)  # 02:00 on the second there
DAY = timedelta(days=1)
NIGHTLY = Rule(
    Frequency.WEEKLY, time(2, 0), 60, TODAY, date(2026, 12, 31), weekdays=tuple(range(7))
)
DRAFT = ScheduleDraft("login-banner", Selection(names=("srv",)), NIGHTLY, ZONE, "each night")


def person(database: Database, name: str, role: Role, scope_id: int | None = None) -> Actor:
    """Return somebody with an account and one role."""
    with database.write() as session:
        user = User(name=name, created_at=clock.now())
        session.add(user)
        session.flush()
        row = UserRole(
            user_id=user.id, role=role, scope_id=scope_id, granted_by="t", granted_at=clock.now()
        )
        session.add(row)
        session.flush()
        return actor_of(session, user)


@dataclass
class Night:
    """A hatang in which time moves only when told to."""

    database: Database
    hand: Hand
    server: Access
    lan: Actor
    hoa: Actor

    def propose(self, draft: ScheduleDraft = DRAFT, actor: Actor | None = None) -> int:
        with self.database.write() as session:
            return schedules.propose(session, actor or self.lan, draft)

    def approve(self, number: int, actor: Actor | None = None) -> None:
        with self.database.write() as session:
            digest = schedules.get_schedule(session, SYSTEM, number).plan_sha256
            schedules.decide(session, actor or self.hoa, number, digest, approve=True)

    def standing(self, draft: ScheduleDraft = DRAFT) -> int:
        number = self.propose(draft)
        self.approve(number)
        return number

    def at(self, moment: datetime) -> int:
        """Look what is due at `moment`; returns how many runs were started."""
        self.hand.advance((moment - clock.now()).total_seconds())
        return int(settle_all(self.database)["started"] or 0)

    def shown(self, number: int) -> ScheduleRow:
        with self.database.read() as session:
            return schedules.get_schedule(session, SYSTEM, number)

    def times(self, number: int) -> list[OccurrenceRow]:
        """What became of each time, the earliest first."""
        with self.database.read() as session:
            return list(schedules.list_occurrences(session, SYSTEM, number).items)[::-1]

    def told(self, number: int) -> list[tuple[datetime, str]]:
        return [(each.occurs_at, each.state) for each in self.times(number)]

    def queued(self) -> list[str]:
        with self.database.read() as session:
            return [run.key for run in job_runs.requested(session)]

    def end_run(self, run_id: int | None, state: str = "successful") -> None:
        with self.database.write() as session:
            session.get_one(PlaybookRun, run_id).state = state


@pytest.fixture
def night(database: Database) -> Iterator[Night]:
    with clock.frozen(NOON) as hand:
        with database.write() as session:
            server = device(session, "srv", "linux")
        lan = person(database, "lan", Role.ENGINEER)
        hoa = person(database, "hoa", Role.APPROVER)
        yield Night(database, hand, server, lan, hoa)


def drafted(**changes: object) -> ScheduleDraft:
    """The nightly schedule with something else."""
    return replace(DRAFT, **changes)  # type: ignore[arg-type]


def work(night: Night, number: int) -> str:
    """Do what the worker does with the last run of the schedule."""
    run_id = night.times(number)[-1].run_id or 0
    return run_jobs._run(night.database, run_id, f"run/{run_id}", lambda: False)
