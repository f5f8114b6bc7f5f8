from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.jobs import leases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database


@pytest.fixture
def hand() -> Iterator[clock.Hand]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as held:
        yield held


def take(db: Database, holder: str, resource: str = "core-1", seconds: float = 60) -> leases.Lease:
    with db.write() as session:
        return leases.acquire(session, resource, holder, seconds)


def test_a_held_lease_is_refused_with_its_holder(database: Database) -> None:
    take(database, "change-1")
    with pytest.raises(leases.LeaseHeldError, match="change-1"):
        take(database, "change-2")


def test_a_released_lease_goes_to_the_next_with_a_higher_fence(database: Database) -> None:
    first = take(database, "change-1")
    with database.write() as session:
        leases.release(session, first)
    assert take(database, "change-2").fence == first.fence + 1


def test_a_zombie_is_told_before_it_writes(sqlite_database: Database, hand: clock.Hand) -> None:
    zombie = take(sqlite_database, "change-1")
    hand.advance(61)
    heir = take(sqlite_database, "change-2")
    with sqlite_database.read() as session:
        leases.check(session, heir)
        with pytest.raises(leases.LeaseLostError):
            leases.check(session, zombie)


def test_an_expired_lease_does_not_hold_even_unclaimed(
    sqlite_database: Database, hand: clock.Hand
) -> None:
    lease = take(sqlite_database, "change-1")
    hand.advance(60)
    with sqlite_database.read() as session, pytest.raises(leases.LeaseLostError):
        leases.check(session, lease)


def test_an_expired_lease_is_held_again_only_when_nobody_took_it(
    sqlite_database: Database, hand: clock.Hand
) -> None:
    lease = take(sqlite_database, "change-1")
    hand.advance(3600)
    with sqlite_database.write() as session:
        leases.renew(session, lease, 60)
        leases.check(session, lease)
    hand.advance(3600)
    take(sqlite_database, "change-2")
    with sqlite_database.write() as session, pytest.raises(leases.LeaseLostError):
        leases.renew(session, lease, 60)


def test_renewing_holds_on(sqlite_database: Database, hand: clock.Hand) -> None:
    lease = take(sqlite_database, "change-1")
    hand.advance(50)
    with sqlite_database.write() as session:
        leases.renew(session, lease, 60)
    hand.advance(50)
    with sqlite_database.read() as session:
        leases.check(session, lease)


def test_a_resumed_job_takes_its_own_lease_again(database: Database) -> None:
    before = take(database, "change-1")
    after = take(database, "change-1")
    with database.read() as session:
        leases.check(session, after)
        with pytest.raises(leases.LeaseLostError):
            leases.check(session, before)


def test_releasing_a_lost_lease_harms_nobody(database: Database) -> None:
    before = take(database, "change-1")
    after = take(database, "change-1")
    with database.write() as session:
        leases.release(session, before)
        leases.check(session, after)


def take_two(db: Database) -> list[leases.Lease]:
    with db.write() as session:
        return leases.acquire_all(session, ["core-2", "core-1"], "change-2", 60)


def test_many_leases_are_taken_all_or_none(database: Database) -> None:
    held = take(database, "change-1", "core-2")
    with pytest.raises(leases.LeaseHeldError):
        take_two(database)
    take(database, "change-3", "core-1")
    with database.write() as session:
        leases.release(session, held)
