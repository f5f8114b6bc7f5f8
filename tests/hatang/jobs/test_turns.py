"""Turns at a thing that bears few: never more than its places, and none lost with a process."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.errors import Reason
from hatang.jobs import leases, turns
from tests.hatang.jobs.crowd import Crowd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database

SERVER = "aaa/10.0.0.49"
DIES = """
import os, signal, sys
from hatang.db import Database
from hatang.jobs import turns
with turns.turn(Database.open(sys.argv[1]), sys.argv[2], 1, patience=0, holder="push/7"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def hand() -> Iterator[clock.Hand]:
    with clock.frozen(datetime(2026, 11, 29, tzinfo=UTC)) as held:
        yield held


def take(db: Database, places: int, holder: str = "") -> leases.Lease | None:
    return turns._taken(db, SERVER, places, holder or "somebody")


def test_no_more_hold_a_turn_at_once_than_there_are_places(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Crowd(6, monkeypatch)

    def work() -> None:
        with turns.turn(database, SERVER, 2, patience=60), crowd.inside():
            pass

    crew = [threading.Thread(target=work) for _ in range(6)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(30)
    assert crowd.most == 2
    assert not any(each.is_alive() for each in crew)


def test_two_things_have_their_places_apart(sqlite_database: Database) -> None:
    with (
        turns.turn(sqlite_database, SERVER, 1, patience=0),
        turns.turn(sqlite_database, "aaa/10.0.0.50", 1, patience=0),
    ):
        assert take(sqlite_database, 1) is None


def test_who_waits_in_vain_is_told_that_it_was_busy(sqlite_database: Database) -> None:
    with turns.turn(sqlite_database, SERVER, 1, patience=0):
        late = turns.turn(sqlite_database, SERVER, 1, patience=0)
        with pytest.raises(turns.NoTurnError, match="all 1 places at aaa/10") as told, late:
            raise AssertionError
    assert told.value.reason is Reason.BUSY


def test_a_turn_ends_with_an_error_too(sqlite_database: Database) -> None:
    with pytest.raises(ZeroDivisionError), turns.turn(sqlite_database, SERVER, 1, patience=0):
        raise ZeroDivisionError
    assert take(sqlite_database, 1) is not None


def test_a_dead_process_keeps_its_place_for_itself_and_no_longer_than_a_minute(
    sqlite_database: Database,
) -> None:
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    done = subprocess.run([sys.executable, "-c", DIES, url, SERVER], check=False)
    assert done.returncode == -9
    assert take(sqlite_database, 1, "another") is None
    with clock.frozen(clock.now()) as hand:
        assert take(sqlite_database, 1, "push/7") is not None
        hand.advance(turns.LEASE_SECONDS + 1)
        assert take(sqlite_database, 1, "another") is not None


def test_a_turn_is_held_as_long_as_it_is_used(
    sqlite_database: Database, hand: clock.Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "RENEWALS", turns.LEASE_SECONDS / 0.01)
    renewed = threading.Event()
    renew = leases.renew

    def told(*given: object) -> None:
        renew(*given)  # type: ignore[arg-type]
        if clock.now() > begun:
            renewed.set()

    begun = clock.now()
    monkeypatch.setattr(leases, "renew", told)
    with turns.turn(sqlite_database, SERVER, 1, patience=0):
        hand.advance(turns.LEASE_SECONDS - 1)
        assert renewed.wait(10)
        hand.advance(turns.LEASE_SECONDS - 1)
        assert take(sqlite_database, 1, "another") is None
