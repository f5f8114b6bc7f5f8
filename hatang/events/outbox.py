"""Publishing into the outbox, waking who waits in this process, and clearing out what is old."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, event, func, select, text

from hatang import clock
from hatang.events.models import Event, EventOffset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from hatang.db import AnySession, WriteSession

_TOPICS: Final = "hatang_event_topics"
# Any constant unlike other advisory locks of hatang's.
_PUBLISH_LOCK: Final = 0x6861_7461_6E67_0001


class Waiter:
    """Wakes a loop of this process when something is published; polling stays the safety net."""

    def __init__(self, topics: Iterable[str]) -> None:
        self._topics = frozenset(topics)
        self._woken = threading.Event()
        _waiters.add(self)

    def wait(self, timeout: float) -> bool:
        """Return True once one of the topics was published, False after `timeout` seconds."""
        woken = self._woken.wait(timeout)
        self._woken.clear()
        return woken

    def wake(self, topics: frozenset[str]) -> None:
        """Wake the loop if it waits for one of `topics`."""
        if topics & self._topics:
            self._woken.set()

    def close(self) -> None:
        """Wake the loop no more."""
        _waiters.discard(self)


class _Waiters:
    def __init__(self) -> None:
        self._members: set[Waiter] = set()
        self._lock = threading.Lock()

    def add(self, waiter: Waiter) -> None:
        with self._lock:
            self._members.add(waiter)

    def discard(self, waiter: Waiter) -> None:
        with self._lock:
            self._members.discard(waiter)

    def wake(self, topics: frozenset[str]) -> None:
        with self._lock:
            members = tuple(self._members)
        for waiter in members:
            waiter.wake(topics)


_waiters: Final = _Waiters()


def publish(session: WriteSession, topic: str, key: str, payload: Mapping[str, Any]) -> Event:
    """Write the event `topic` about `key` into the caller's transaction and return it.

    `topic` is `package.noun.verb`, `key` names the subject. Nobody sees the event before the
    transaction commits, and all see it in the order of ids.
    """
    (row,) = publish_all(session, topic, [(key, payload)])
    return row


def publish_all(
    session: WriteSession, topic: str, told: Iterable[tuple[str, Mapping[str, Any]]]
) -> list[Event]:
    """Write an event `topic` about each key, in their order, as `publish` does with one."""
    if session.get_bind().dialect.name == "postgresql":
        # Ids are drawn before commit: without the lock a reader could step over a slow writer's.
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PUBLISH_LOCK})
    moment = clock.now()
    rows = [
        Event(topic=topic, key=key, payload=dict(payload), created_at=moment)
        for key, payload in told
    ]
    session.add_all(rows)
    session.flush()
    topics: set[str] = session.info.setdefault(_TOPICS, set())
    if not topics:
        event.listen(session, "after_commit", _wake, once=True)
    topics.add(topic)
    return rows


def _wake(session: Session) -> None:
    _waiters.wake(frozenset(session.info.pop(_TOPICS, ())))


def head(session: AnySession) -> int:
    """Return the id of the newest event; 0 when there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def read_after(
    session: AnySession, position: int, topics: Collection[str], limit: int
) -> list[Event]:
    """Return the next events of `topics` behind `position`, in order, for whoever looks on."""
    statement = select(Event).where(Event.id > position, Event.topic.in_(topics))
    return list(session.scalars(statement.order_by(Event.id).limit(limit)))


def prune(session: WriteSession, before: datetime) -> int:
    """Delete events older than `before` that every consumer has read; return how many."""
    furthest = session.scalar(select(func.min(EventOffset.position)))
    if furthest is None:
        return 0
    gone = session.execute(
        delete(Event).where(Event.created_at < before, Event.id <= furthest).returning(Event.id)
    )
    return len(gone.all())


def forget(session: WriteSession, consumer: str) -> None:
    """Drop the place of a consumer that no longer exists, so that it does not hold up `prune`."""
    session.execute(delete(EventOffset).where(EventOffset.consumer == consumer))
