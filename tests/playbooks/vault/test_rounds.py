"""A round asks whom it may, keeps what it gets, and names every device that gave nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from hatang import gates
from hatang.auth import Actor, Role
from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import DeniedError, Reason
from playbooks.pace import Pace
from playbooks.vault import Collection, jobs, rounds
from tests.playbooks.records import SYSTEM, collected, device

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.db import AnySession, Database, WriteSession
    from playbooks.access import Access


@pytest.fixture
def access(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        device(session, "silent")
        return device(session, "r1")


@pytest.fixture
def outside(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(_db: object, accesses: Sequence[Access], *_how: object) -> Iterator[Collection]:
        del accesses
        yield Collection(access, collected("hostname r1\n!\n"))

    monkeypatch.setattr(rounds, "collect_many", answers)


def test_a_device_without_a_login_is_named_with_its_reason(
    sqlite_database: Database, access: Access
) -> None:
    with sqlite_database.read() as session:
        found = rounds.begin(session, SYSTEM, None)
    assert {kept.device: kept.reason for kept in found.refused} == {
        "r1": Reason.NOT_SUPPORTED,
        "silent": Reason.NOT_SUPPORTED,
    }
    assert access.name not in [each.name for each in found.accesses]


def test_a_name_nobody_knows_is_named(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        found = rounds.begin(session, SYSTEM, {"nobody"})
    assert found.refused[0].message == "there is no such device"


def test_who_may_not_read_configurations_asks_no_device(sqlite_database: Database) -> None:
    viewer = Actor(7, "viewer", frozenset({Role.VIEWER}), None)
    with sqlite_database.read() as session, pytest.raises(DeniedError):
        rounds.begin(session, viewer, None)


@pytest.mark.usefixtures("outside")
def test_the_same_configuration_in_the_next_round_is_not_new(
    sqlite_database: Database, access: Access
) -> None:
    def once() -> list[bool]:
        found = rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, (access,), "backup")
        return [kept.is_new for kept in found]

    assert once() == [True]
    assert once() == [False]


@pytest.mark.usefixtures("outside")
def test_the_nightly_job_counts_how_each_device_ended(sqlite_database: Database) -> None:
    assert jobs.collect_all(sqlite_database) == {Reason.NOT_SUPPORTED: 2, "new": 1}


def test_a_finding_that_cannot_be_written_does_not_end_the_round(
    sqlite_database: Database, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy:
        def allowed(self, session: AnySession, device_id: int) -> str:
            raise NotImplementedError

        def seen(self, session: WriteSession, device_id: int, scope_id: int) -> None:
            raise OperationalError("INSERT", {}, Exception("database is locked"))

    def answers(_db: object, accesses: Sequence[Access], *_how: object) -> Iterator[Collection]:
        yield Collection(accesses[0], None, Reason.LEGACY_ONLY, "speaks SHA-1 only")
        yield Collection(accesses[0], collected("hostname r1\n!\n"))

    monkeypatch.setattr(rounds, "collect_many", answers)
    gates.register(gates.LEGACY_SSH, Busy(), name="test")
    try:
        kept = list(rounds.run(sqlite_database, FakeHostKeys(), SYSTEM, (access,), "backup"))
    finally:
        gates.clear()
    assert [each.reason for each in kept] == [Reason.INTERNAL, Reason.OK]


def test_a_round_asks_as_many_devices_at_a_time_as_it_is_told(
    sqlite_database: Database, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def answers(_db: object, _accesses: object, _keys: object, pace: Pace) -> list[Collection]:
        asked.append(pace.at_once)
        return []

    monkeypatch.setattr(rounds, "collect_many", answers)
    jobs.collect_all(sqlite_database, Pace(3))
    assert asked == [3]
