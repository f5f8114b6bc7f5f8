"""How elements stood at a moment that is over, from the transitions that were written down.

Between two transitions a state held, unless its monitor was not heard. Before the first transition
of an element nothing was measured: it is unknown. Where the transition before the moment is no
longer kept, the next one says from which state it led.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from hatang import clock, scope
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from inventory.models import Device, Interface, Link
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.models import ElementRow, TransitionRow
from monitors.silences import silences

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Row, ScalarSelect, Select

    from hatang.auth import Actor
    from hatang.db import AnySession
    from monitors.silences import Silence


@dataclass(frozen=True, slots=True)
class PastState:
    """An element's state at a moment; `last_state` is what was last measured by then.

    `cause` and `since` are None where the transition that began the state is no longer kept.
    """

    element: Element
    state: State
    cause: Cause | None
    since: datetime | None
    last_state: State
    scope_id: int | None
    monitor: str


_OF_ELEMENT: Final = (
    ElementRow.element,
    ElementRow.scope_id,
    ElementRow.monitor.label("now_monitor"),
    ElementRow.state.label("now_state"),
    ElementRow.cause.label("now_cause"),
    ElementRow.since.label("now_since"),
)
_OF_TRANSITION: Final = (
    TransitionRow.at,
    TransitionRow.monitor,
    TransitionRow.from_state,
    TransitionRow.to_state,
    TransitionRow.cause,
)


def kept_since(session: AnySession) -> datetime | None:
    """Return from when on every change of state is kept; None when none ever was."""
    return session.scalar(select(TransitionRow.at).order_by(TransitionRow.id).limit(1))


def check_moment(session: AnySession, at: datetime) -> None:
    """Return when the states at `at` can be told.

    Raises:
        InvalidInputError: it lies ahead, or before the oldest transition that is kept.
    """
    kept = kept_since(session)
    if at > clock.now():
        raise _refused(at, "lies ahead", "Ask for a moment that is over.")
    if kept is None:
        raise _refused(at, "cannot be told: no change of state is kept yet", "Leave `at` out.")
    if at < kept:
        since = kept.isoformat(timespec="seconds")
        message = f"lies before {since}, since when changes of state are kept"
        raise _refused(at, message, "Ask for a later moment, or raise retention.transitions_days.")


def _refused(at: datetime, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem("request", "at", at.isoformat(), message, fix)])


def states_at(
    session: AnySession, actor: Actor, at: datetime, *, kinds: Collection[ElementKind]
) -> list[PastState]:
    """Return how the elements of `kinds` stood at `at`, of those that the actor sees today.

    What was never measured by then is unknown; so is what its monitor was not heard of.

    Raises:
        DeniedError: the actor may see no states.
        InvalidInputError: as `check_moment`.
    """
    check_moment(session, at)
    return _read(session, actor, at, ElementRow.kind.in_(sorted(kinds)))


def elements_at(
    session: AnySession, actor: Actor, at: datetime, elements: Collection[str]
) -> list[PastState]:
    """Return how `elements` stood at `at`, as `states_at`; those without a state are left out."""
    check_moment(session, at)
    return _read(session, actor, at, ElementRow.element.in_(sorted(elements)))


def bad_at(session: AnySession, actor: Actor, at: datetime) -> list[PastState]:
    """Return the devices, and the interfaces at the end of a link, last measured bad by `at`.

    Raises: as `states_at`.
    """
    check_moment(session, at)
    is_shown = or_(ElementRow.kind == ElementKind.DEVICE, ElementRow.element.in_(_link_ends()))
    last = case(
        (ElementRow.since <= at, ElementRow.state),
        (TransitionRow.at <= at, TransitionRow.to_state),
        else_=TransitionRow.from_state,
    )
    return _read(session, actor, at, is_shown & (last == State.BAD))


def _link_ends() -> Select[str]:
    ends = union_all(select(Link.a_interface_id), select(Link.z_interface_id))
    key = literal("interface:") + Device.device_key + literal(":") + Interface.name
    device = Interface.device_id == Device.id
    return select(key).select_from(Interface).join(Device, device).where(Interface.id.in_(ends))


def _read(
    session: AnySession, actor: Actor, at: datetime, of: ColumnElement[bool]
) -> list[PastState]:
    changed = case((ElementRow.since > at, func.coalesce(_before(at), _after(at))))
    statement = (
        select(*_OF_ELEMENT, *_OF_TRANSITION)
        .outerjoin(TransitionRow, TransitionRow.id == changed)
        .where(of, scope.visible(actor.acting(Permission.MONITOR_READ), ElementRow.scope_id))
        .order_by(ElementRow.element)
    )
    unheard = silences(session, at, at)
    return [_state(row, at, unheard) for row in session.execute(statement)]


def _before(at: datetime) -> ScalarSelect[int]:
    """Return the last transition of the element until `at`, by the index on element and time."""
    one = aliased(TransitionRow)
    mine = select(one.id).where(one.element == ElementRow.element, one.at <= at)
    newest = mine.order_by(one.at.desc(), one.id.desc()).limit(1)
    return newest.correlate(ElementRow).scalar_subquery()


def _after(at: datetime) -> ScalarSelect[int]:
    one = aliased(TransitionRow)
    mine = select(one.id).where(one.element == ElementRow.element, one.at > at)
    return mine.order_by(one.at, one.id).limit(1).correlate(ElementRow).scalar_subquery()


def _state(
    row: Row[*tuple[Any, ...]], at: datetime, unheard: Mapping[str, Sequence[Silence]]
) -> PastState:
    last, cause, since, monitor = _last(row, at)
    is_known = not any(each.holds(at) for each in unheard.get(monitor, ()))
    return PastState(
        element=Element.parse(row.element),
        state=last if is_known else State.UNKNOWN,
        cause=cause if is_known else Cause.STALE,
        since=since,
        last_state=last,
        scope_id=row.scope_id,
        monitor=monitor,
    )


def _last(
    row: Row[*tuple[Any, ...]], at: datetime
) -> tuple[State, Cause | None, datetime | None, str]:
    """Return the state last measured by `at`, its cause, since when, and by which monitor."""
    if row.now_since <= at:
        return State(row.now_state), Cause(row.now_cause), row.now_since, row.now_monitor
    if row.at is None:
        return State.UNKNOWN, Cause.NEVER_MEASURED, None, row.now_monitor
    if row.at <= at:
        return State(row.to_state), Cause(row.cause), row.at, row.monitor
    before = State(row.from_state)
    return before, Cause.NEVER_MEASURED if before is State.UNKNOWN else None, None, row.monitor
