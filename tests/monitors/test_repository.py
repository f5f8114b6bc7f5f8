from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hatang import clock, events
from monitors import repository
from monitors.board import policies
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.feed import Numbered
from monitors.flush import Flusher
from monitors.models import ElementRow, TransitionRow
from monitors.state import Transition, expire
from tests.monitors.fakes import FakeDevice
from tests.monitors.running import loop_over, targets

if TYPE_CHECKING:
    import pytest

    from hatang.db import Database, WriteSession
    from hatang.events import Event

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CORE = Element(ElementKind.DEVICE, "core")


def change(sequence: int, to: State, seconds: float = 0) -> Numbered:
    at = NOW + timedelta(seconds=seconds)
    moved = Transition(CORE, State.UNKNOWN, to, Cause.TIMEOUT, at, {"snmp": "timeout"})
    return Numbered(sequence, moved, None)


def write(database: Database, *numbered: Numbered, gone: set[Element] | None = None) -> None:
    with clock.frozen(NOW), database.write() as session:
        repository.write(session, "m", "epoch", numbered, gone or set())


def heard(database: Database) -> list[Event]:
    found: list[Event] = []

    def keep(_: WriteSession, event: Event) -> None:
        found.append(event)

    events.consume(database, "test", [repository.TOPIC], keep)
    return found


def test_a_batch_is_kept_announced_and_becomes_the_current_state(database: Database) -> None:
    write(database, change(1, State.GOOD), change(2, State.BAD, 5))
    with database.read() as session:
        rows = session.scalars(select(TransitionRow).order_by(TransitionRow.id)).all()
        (current,) = session.scalars(select(ElementRow)).all()
    assert [row.to_state for row in rows] == ["good", "bad"]
    assert (current.state, current.since) == ("bad", NOW + timedelta(seconds=5))
    told = heard(database)
    assert [event.payload["to"] for event in told] == ["good", "bad"]
    assert told[0].payload["evidence"] == {"snmp": "timeout"}


def test_a_restart_takes_over_states_only_as_old_as_the_last_sign_of_life(
    database: Database,
) -> None:
    write(database, change(1, State.GOOD))
    with database.read() as session:
        state = repository.restore(session, "m")[CORE]
    assert (state.state, state.measured_at) == (State.GOOD, NOW)
    rules = policies(30)[ElementKind.DEVICE]
    soon, _ = expire(CORE, state, NOW + timedelta(seconds=60), rules)
    late, _ = expire(CORE, state, NOW + timedelta(seconds=600), rules)
    assert (soon.state, late.state) == (State.GOOD, State.UNKNOWN)


def test_a_flush_whose_answer_was_lost_is_repeated_without_harm(database: Database) -> None:
    write(database, change(1, State.GOOD))
    write(database, change(1, State.GOOD), change(2, State.BAD, 5))
    with database.read() as session:
        states = session.scalars(select(TransitionRow.to_state).order_by(TransitionRow.id)).all()
    assert states == ["good", "bad"]
    assert len(heard(database)) == 2


def test_an_element_that_is_gone_leaves_its_history(database: Database) -> None:
    write(database, change(1, State.GOOD))
    write(database, gone={CORE})
    with database.read() as session:
        assert session.scalars(select(ElementRow)).all() == []
        assert len(session.scalars(select(TransitionRow)).all()) == 1


def test_what_cannot_be_written_is_kept_and_written_later(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> list[str]:
        loop = loop_over(("core-1", FakeDevice().ports(1)))
        await loop.apply(targets("core-1"))
        await loop.verify(Element(ElementKind.DEVICE, "key-core-1"))
        flusher = Flusher(sqlite_database, loop, "m")
        with monkeypatch.context() as patch:
            patch.setattr(repository, "write", refuse)
            assert not await flusher.flush()
        assert await flusher.flush()
        with sqlite_database.read() as session:
            return list(session.scalars(select(TransitionRow.element).order_by(TransitionRow.id)))

    def refuse(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    assert asyncio.run(run()) == ["device:key-core-1", "interface:key-core-1:eth1"]
