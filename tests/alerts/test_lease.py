"""One leader a duty, also when the clock is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts import lease
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

LENGTH = timedelta(seconds=15)


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as found:
        yield found


def holds(database: Database, holder: str) -> bool:
    with database.write() as session:
        return lease.hold(session, "step", holder, LENGTH)


def test_a_dead_leader_holds_its_duty_no_longer_than_a_lease(
    sqlite_database: Database, hand: Hand
) -> None:
    assert holds(sqlite_database, "a")
    hand.advance(14)
    assert not holds(sqlite_database, "b")
    hand.advance(1)
    assert holds(sqlite_database, "b")


def test_a_clock_that_is_set_back_frees_the_duty_of_a_dead_leader(
    sqlite_database: Database, hand: Hand
) -> None:
    assert holds(sqlite_database, "a")
    hand.advance(-3600)
    assert holds(sqlite_database, "b")
    assert not holds(sqlite_database, "a")
