"""Consuming the outbox: at least once, in order, one transaction for the handler and the place."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from prometheus_client import Counter
from sqlalchemy import func, select

from hatang import clock, log
from hatang.db import AnySession, Database, WriteSession
from hatang.errors import HatangError, NotFoundError
from hatang.events.models import Event, EventOffset, EventParked
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from sqlalchemy import Select

Handler: TypeAlias = Callable[[WriteSession, Event], None]

MAX_ATTEMPTS: Final = 5
# A consumer whose topics are quiet moves its place on only this often: each move is a write.
_IDLE_STRIDE: Final = 500
_ERROR_CHARACTERS: Final = 2_000

CONSUMED: Final = Counter(
    "hatang_events_consumed_total",
    "Events handed to consumers by how that ended.",
    ["consumer", "outcome"],
    registry=REGISTRY,
)
_logger = log.get_logger(__name__)


class Outcome(StrEnum):
    """How handing one event to a consumer ended."""

    HANDLED = "handled"
    RETRIED = "retried"
    PARKED = "parked"
    IDLE = "idle"


def consume(
    db: Database, consumer: str, topics: Collection[str], handler: Handler, limit: int = 100
) -> int:
    """Hand up to `limit` new events of `topics` to `handler` in order; return how many it took.

    The handler writes in the transaction that moves the place, so what it writes happens once;
    what it does outside happens at least once and must be idempotent. A handler that raises ends
    the round; after MAX_ATTEMPTS failures the event is parked with its error and the next one
    comes up. An error that says it is retryable never parks: the event waits for better days.
    """
    handled = 0
    while handled < limit:
        outcome = _next(db, consumer, topics, handler)
        if outcome is not Outcome.IDLE:
            CONSUMED.labels(consumer, outcome).inc()
        if outcome in {Outcome.IDLE, Outcome.RETRIED}:
            break
        handled += outcome is Outcome.HANDLED
    return handled


def redeliver(db: Database, consumer: str, event_id: int, handler: Handler) -> None:
    """Hand a parked event to `handler` again; it leaves the parking place if that succeeds.

    Raises:
        NotFoundError: no such event is parked for the consumer.
    """
    with db.write() as session:
        parked = session.get(EventParked, (consumer, event_id))
        if parked is None:
            raise NotFoundError(f"event {event_id} is not parked for {consumer}")
        copy = Event(
            id=parked.event_id,
            topic=parked.topic,
            key=parked.key,
            payload=parked.payload,
            created_at=parked.parked_at,
        )
        handler(session, copy)
        session.delete(parked)


def _next(db: Database, consumer: str, topics: Collection[str], handler: Handler) -> Outcome:
    with db.read() as session:
        place = session.get(EventOffset, consumer)
        position = place.position if place is not None else 0
        waiting = session.scalar(_following(position, topics))
        head = session.scalar(select(func.max(Event.id))) or 0
    if waiting is None:
        if head - position >= _IDLE_STRIDE or place is None:
            _skip_to(db, consumer, head, topics)
        return Outcome.IDLE
    try:
        with db.write() as session:
            return _handle(session, consumer, topics, handler)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the batch goes on
        return _failed(db, consumer, topics, error)


def _following(position: int, topics: Collection[str]) -> Select[Event]:
    wanted = Event.topic.in_(tuple(topics))
    return select(Event).where(wanted, Event.id > position).order_by(Event.id).limit(1)


def _handle(
    session: WriteSession, consumer: str, topics: Collection[str], handler: Handler
) -> Outcome:
    place = _place(session, consumer)
    event = session.scalar(_following(place.position, topics))
    if event is None:  # another process of this consumer was faster
        return Outcome.IDLE
    place.position, place.attempts = event.id, 0
    session.flush()
    handler(session, event)
    return Outcome.HANDLED


def _failed(db: Database, consumer: str, topics: Collection[str], error: Exception) -> Outcome:
    with db.write() as session:
        place = _place(session, consumer)
        event = session.scalar(_following(place.position, topics))
        if event is None:
            return Outcome.RETRIED
        _logger.warning("consumer %s failed on event %s: %r", consumer, event.id, error)
        if isinstance(error, HatangError) and error.retryable:
            return Outcome.RETRIED
        place.attempts += 1
        if place.attempts < MAX_ATTEMPTS:
            return Outcome.RETRIED
        _park(session, consumer, event, error, place.attempts)
        place.position, place.attempts = event.id, 0
        return Outcome.PARKED


def _park(
    session: WriteSession, consumer: str, event: Event, error: Exception, attempts: int
) -> None:
    text = log.redact(f"{type(error).__name__}: {error}")[:_ERROR_CHARACTERS]
    session.add(
        EventParked(
            consumer=consumer,
            event_id=event.id,
            topic=event.topic,
            key=event.key,
            payload=event.payload,
            error=text,
            attempts=attempts,
            parked_at=clock.now(),
        )
    )


def _place(session: WriteSession, consumer: str) -> EventOffset:
    # The row lock keeps a second process of the same consumer out (SQLite has one writer anyway).
    place = session.get(EventOffset, consumer, with_for_update=True)
    if place is None:
        place = EventOffset(consumer=consumer, position=0, attempts=0)
        session.add(place)
        session.flush()
    return place


def _skip_to(db: Database, consumer: str, head: int, topics: Collection[str]) -> None:
    with db.write() as session:
        place = _place(session, consumer)
        waiting = session.scalar(_following(place.position, topics))
        if waiting is None or waiting.id > head:
            place.position = max(place.position, head)


def parked(session: AnySession, consumer: str | None = None) -> list[EventParked]:
    """Return parked events, oldest first, of one consumer or of all."""
    query = select(EventParked).order_by(EventParked.parked_at, EventParked.event_id)
    if consumer is not None:
        query = query.where(EventParked.consumer == consumer)
    return list(session.scalars(query))
