"""The inbox as a list: every difference with both values, who saw it, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, case, func, literal, or_, select

from hatang import clock
from hatang.db import JSONText
from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.inbox.choices import DeviationState
from inventory.inbox.models import Deviation
from inventory.models import Field
from inventory.repository import Listing, fetch, fetch_one
from inventory.rows import FIRST_PAGE, Page, Query
from inventory.service.reading import READ, get_element

if TYPE_CHECKING:
    from datetime import date, datetime

    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A difference; `state` is that of today: what was ignored until yesterday is open again."""

    id: int
    scope_id: int
    kind: str
    key: str
    element_kind: str
    element_id: int | None
    element: str
    field: str
    intended: Any
    observed: Any
    source: str
    certainty: str
    first_seen_at: datetime
    last_seen_at: datetime
    state: str
    until: date | None
    reason: str
    decided_by: str
    decided_at: datetime | None
    change: str


def list_deviations(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE, *, unit: str = ""
) -> Page[InboxRow]:
    """Return differences; filters: kind, element_kind, element, field, source, state, certainty.

    With `unit`, a code, only those of this unit and of all below it.

    Raises:
        NotFoundError: the actor sees no such unit.
    """
    acting = actor.acting(READ)
    if unit:
        row = get_element(session, actor, ElementKind.UNIT, unit)
        # Seen by the actor, so that all below it is: narrowing only.
        within = frozenset() if row.scope_id is None else frozenset({row.scope_id})
        acting = replace(acting, scope_ids=within)
    return fetch(session, acting, _listing(), query)


def get_deviation(session: AnySession, actor: Actor, deviation_id: int) -> InboxRow:
    """Return one difference.

    Raises:
        NotFoundError: none with this number within the actor's scope.
    """
    found = fetch_one(session, actor.acting(READ), _listing(), Deviation.id == deviation_id)
    if found is None:
        raise NotFoundError(f"the inbox has no {deviation_id}")
    return found


def _listing() -> Listing[InboxRow]:
    d, f = Deviation, Field
    ended = and_(d.state == DeviationState.IGNORED, d.until <= clock.now().date())
    state = case((ended, literal(DeviationState.OPEN.value, String)), else_=d.state)
    # Both values of a field as they are now: an import may have changed what is intended.
    intended = func.coalesce(f.intended, d.intended, type_=JSONText)
    observed = func.coalesce(f.observed, d.observed, type_=JSONText)
    statement = (
        select(
            d.id, d.scope_id, d.kind, d.key, d.element_kind, d.element_id, d.element, d.field,
            intended, observed, d.source, d.certainty, d.first_seen_at, d.last_seen_at,
            state.label("state"), d.until, d.reason, d.decided_by, d.decided_at, d.change,
        )
        .outerjoin(f, f.id == d.field_id)
        .where(
            or_(
                d.field_id.is_(None),
                and_(f.intended.is_not(None), f.observed.is_not(None), f.intended != f.observed),
            )
        )
    )  # fmt: skip
    columns: dict[str, Any] = {
        "kind": d.kind,
        "element_kind": d.element_kind,
        "element": d.element,
        "field": d.field,
        "source": d.source,
        "certainty": d.certainty,
        "state": state,
        "at": d.last_seen_at,
    }
    return Listing(InboxRow, statement, d.scope_id, d.id, columns)
