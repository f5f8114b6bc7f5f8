"""A change over several routers that a Router each stands in for, and what measures them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hatang.gates import Finding, Verdict
from hatang.jobs.models import JobRun
from playbooks import changes
from playbooks.changes import gatejobs, jobs
from playbooks.models import Change, ChangeTarget
from tests.playbooks.changes.planned import RUNNING, approved
from tests.playbooks.changes.test_push import Router
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from hatang.auth import Actor
    from hatang.clock import Hand
    from hatang.db import AnySession, Database
    from playbooks.access import Access

WORK: dict[str, Callable[[Any, Any], object]] = {
    "playbooks.push": lambda db, args: jobs._push(db, args["target_id"], args["attempt"]),
    "playbooks.restore": lambda db, args: jobs._push(db, args["target_id"], args["attempt"]),
    "playbooks.measure": gatejobs.measure,
}


class Meter:
    """A health gate that finds what it was told to; what it was told nothing of passes."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.watched: set[str] | None = None

    def covers(self, _session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        return [each for each in elements if self.watched is None or each in self.watched]

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        told = [(each, self.verdicts.get(each, Verdict.PASS)) for each in elements]
        return [Finding(each, verdict, str(verdict), "meter") for each, verdict in told]


class Device(Router):
    """A router that also takes whole configurations."""

    def _load_replace_candidate(self, config: str) -> None:
        self.candidate = config


class Fleet:
    """The change, its routers, and a worker that does one asked-for job after another."""

    def __init__(self, database: Database, hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.hand, self.meter = database, hand, Meter()
        self.routers: dict[int, Device] = {}
        self.accesses: dict[int, Access] = {}
        self.number = 0
        self._done: set[str] = set()
        monkeypatch.setattr(jobs, "prepare", lambda _session, row: self.accesses[row.id])
        monkeypatch.setattr(
            jobs, "open_driver", lambda access, *_: self.routers[access.device_id].connect()
        )

    def add(self, *names: str) -> list[Access]:
        with self.database.write() as session:
            found = [device(session, name) for name in names]
        for access in found:
            router = Device(self.hand)
            router.running = RUNNING
            self.routers[access.device_id] = router
            self.accesses[access.device_id] = access
        return found

    def approve(self, people: tuple[Actor, Actor], rollout: changes.Rollout) -> None:
        accesses = list(self.accesses.values())
        self.number = approved(self.database, *people, *accesses, rollout=rollout)

    def execute(self, actor: Actor) -> None:
        with self.database.write() as session:
            changes.execute(session, actor, self.number)

    def work(self, most: int = 100) -> None:
        """Do what jobs are asked for, until none is or `most` were done."""
        for _ in range(most):
            with self.database.read() as session:
                rows = session.scalars(select(JobRun).order_by(JobRun.created_at, JobRun.key)).all()
                waiting = [row for row in rows if row.key not in self._done and not row.finished_at]
                if not waiting:
                    return
                row = waiting[0]
                name, args, key = row.name, dict(row.args), row.key
            self._done.add(key)
            self._know(args)
            if name == "playbooks.gate":
                gatejobs.judge(self.database, args, lambda: False, self.hand.advance)
            else:
                WORK[name](self.database, args)

    def _know(self, args: dict[str, int]) -> None:
        if "target_id" not in args:
            return
        with self.database.read() as session:
            target = session.get_one(ChangeTarget, args["target_id"])
            router = self.routers[target.device_id]
            router.told = type(router.told)(name=target.commit_id)

    @property
    def change(self) -> Change:
        with self.database.read() as session:
            return session.get_one(Change, self.number)

    def states(self) -> dict[str, str]:
        with self.database.read() as session:
            found = session.scalars(select(ChangeTarget)).all()
            return {self.accesses[one.device_id].name: one.state for one in found}

    def journal(self, name: str) -> list[str]:
        (number,) = [key for key, access in self.accesses.items() if access.name == name]
        return self.routers[number].journal
