from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from hatang import clock
from hatang.errors import NotFoundError, UnavailableError
from hatang.events import Event, Waiter, consume, forget, parked, prune, publish, redeliver
from hatang.events.consumer import MAX_ATTEMPTS

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession

DAY = datetime(2026, 11, 22, tzinfo=UTC)


def emit(db: Database, *keys: str, topic: str = "t.made") -> None:
    with db.write() as session:
        for key in keys:
            publish(session, topic, key, {"key": key})


class Reader:
    """Collects keys, and raises on those it cannot digest."""

    def __init__(self, poison: str = "", error: Exception | None = None) -> None:
        self.keys: list[str] = []
        self.poison = poison
        self.error = error or ValueError("password=hunter2 is bad")

    def __call__(self, session: WriteSession, event: Event) -> None:
        self.keys.append(event.key)
        if event.key == self.poison:
            publish(session, "t.leak", "must roll back", {})
            raise self.error


def test_events_arrive_in_order_and_once(db: Database) -> None:
    emit(db, "a", "b", "c")
    reader = Reader()
    assert consume(db, "r", ["t.made"], reader) == 3
    assert consume(db, "r", ["t.made"], reader) == 0
    assert reader.keys == ["a", "b", "c"]


def test_each_consumer_keeps_its_own_place_and_topics(db: Database) -> None:
    emit(db, "a")
    emit(db, "other", topic="t.other")
    first, second = Reader(), Reader()
    consume(db, "first", ["t.made"], first)
    consume(db, "second", ["t.made", "t.other"], second)
    assert (first.keys, second.keys) == (["a"], ["a", "other"])


def test_a_round_takes_no_more_than_its_limit(db: Database) -> None:
    emit(db, "a", "b", "c")
    reader = Reader()
    assert consume(db, "r", ["t.made"], reader, limit=2) == 2
    assert reader.keys == ["a", "b"]


def test_what_rolls_back_was_never_published(db: Database) -> None:
    with db.write() as session:
        publish(session, "t.made", "a", {})
        session.rollback()
    assert consume(db, "r", ["t.made"], Reader()) == 0


def test_a_failing_event_is_tried_again_then_parked_and_the_next_comes_up(db: Database) -> None:
    emit(db, "poison", "good")
    reader = Reader(poison="poison")
    for _ in range(MAX_ATTEMPTS):
        consume(db, "r", ["t.made"], reader)
    assert reader.keys == ["poison"] * MAX_ATTEMPTS + ["good"]
    with db.read() as session:
        (row,) = parked(session, "r")
        assert (row.key, row.attempts) == ("poison", MAX_ATTEMPTS)
        assert "ValueError" in row.error
        assert "hunter2" not in row.error
        assert session.scalar(select(func.count()).where(Event.topic == "t.leak")) == 0


def test_an_outage_parks_nothing(db: Database) -> None:
    emit(db, "a")
    reader = Reader(poison="a", error=UnavailableError("the mail server is down"))
    for _ in range(MAX_ATTEMPTS + 3):
        consume(db, "r", ["t.made"], reader)
    reader.poison = ""
    assert consume(db, "r", ["t.made"], reader) == 1
    with db.read() as session:
        assert parked(session) == []


def test_a_parked_event_can_be_delivered_again(db: Database) -> None:
    emit(db, "a")
    broken = Reader(poison="a")
    for _ in range(MAX_ATTEMPTS):
        consume(db, "r", ["t.made"], broken)
    with db.read() as session:
        event_id = parked(session)[0].event_id
    mended = Reader()
    redeliver(db, "r", event_id, mended)
    assert mended.keys == ["a"]
    with pytest.raises(NotFoundError):
        redeliver(db, "r", event_id, mended)


def test_racing_processes_of_one_consumer_share_the_events(db: Database) -> None:
    emit(db, *(str(number) for number in range(40)))
    reader = Reader()
    racers = [Thread(target=consume, args=(db, "r", ["t.made"], reader)) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    consume(db, "r", ["t.made"], reader)
    assert sorted(map(int, reader.keys)) == list(range(40))


def test_a_slow_publisher_is_not_stepped_over(db: Database) -> None:
    reader = Reader()
    fast = Thread(target=emit, args=(db, "fast"))
    with db.write() as session:
        publish(session, "t.made", "slow", {})
        fast.start()
        fast.join(0.3)  # it has the higher id, so it must not commit before the slow one
        assert fast.is_alive()
    fast.join()
    consume(db, "r", ["t.made"], reader)
    assert reader.keys == ["slow", "fast"]


def test_retention_spares_what_somebody_has_not_read(db: Database) -> None:
    with clock.frozen(DAY) as hand:
        emit(db, "old")
        consume(db, "slow", ["t.made"], Reader())
        emit(db, "unread")
        consume(db, "fast", ["t.made"], Reader())
        hand.advance(timedelta(days=2).total_seconds())
        with db.write() as session:
            assert prune(session, clock.now() - timedelta(days=1)) == 1
            forget(session, "slow")
            assert prune(session, clock.now() - timedelta(days=1)) == 1


def test_retention_does_not_give_ids_out_again(db: Database) -> None:
    emit(db, "a")
    consume(db, "r", ["t.made"], Reader())
    with db.write() as session:
        prune(session, clock.now() + timedelta(days=1))
    emit(db, "b")
    reader = Reader()
    consume(db, "r", ["t.made"], reader)
    assert reader.keys == ["b"]


def test_a_waiter_wakes_after_the_commit_and_only_for_its_topics(db: Database) -> None:
    mine, other = Waiter(["t.made"]), Waiter(["t.other"])
    with db.write() as session:
        publish(session, "t.made", "a", {})
        assert not mine.wait(0)
    assert mine.wait(1)
    assert not other.wait(0)
    mine.close()
    emit(db, "b")
    assert not mine.wait(0)
    other.close()
