"""The inbox as a list: every difference with both values, who saw it, and what was decided."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from dataclasses import field as computed
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, and_, case, false, func, literal, or_, select

from hatang.db import JSONText
from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.inbox.choices import DeviationKind, DeviationState
from inventory.inbox.models import Deviation
from inventory.models import Field
from inventory.repository import Listing, fetch, fetch_one, fetch_some
from inventory.rows import FIRST_PAGE, Page, Query
from inventory.service.reading import READ, get_element

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from hatang.auth import Actor
    from hatang.db import AnySession

DIGEST_LENGTH: Final = 16
"""Hexadecimal digits."""
AT_ONCE: Final = 10_000
"""Numbers in one statement; databases refuse more than some ten thousand."""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A difference; `state` is that of today: what was ignored until yesterday is open again.

    `digest` stands for what the row shows; who decides gives it back, so that nobody decides
    about a value that came after it.
    """

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
    digest: str = computed(init=False)

    def __post_init__(self) -> None:
        """Compute the digest."""
        told = (self.kind, self.element, self.field, self.intended, self.observed)
        text = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        object.__setattr__(self, "digest", sha256(text.encode()).hexdigest()[:DIGEST_LENGTH])

    @property
    def is_host_key(self) -> bool:
        """Whether accepting it lets a key count, so that a person must have compared it."""
        return self.kind == DeviationKind.HOST_KEY or self.field == "host_keys"


def list_deviations(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE, *, today: date, unit: str = ""
) -> Page[InboxRow]:
    """Return differences; filters: kind, element_kind, element, field, source, state, certainty.

    `today` is the day in the province, on which what was ignored until then is open again. With
    `unit`, a code, only those of this unit and of all below it.

    Raises:
        NotFoundError: the actor sees no such unit.
    """
    acting = actor.acting(READ)
    if unit:
        row = get_element(session, actor, ElementKind.UNIT, unit)
        # Seen by the actor, so that all below it is: narrowing only.
        within = frozenset() if row.scope_id is None else frozenset({row.scope_id})
        acting = replace(acting, scope_ids=within)
    return fetch(session, acting, _listing(today), query)


def get_deviation(
    session: AnySession, actor: Actor, deviation_id: int, *, today: date | None = None
) -> InboxRow:
    """Return one difference; without `today` one that is ignored stays so, its day come or not.

    Raises:
        NotFoundError: none with this number within the actor's scope.
    """
    found = fetch_one(session, actor.acting(READ), _listing(today), Deviation.id == deviation_id)
    if found is None:
        raise NotFoundError(f"the inbox has no {deviation_id}")
    return found


def get_deviations(session: AnySession, actor: Actor, ids: Collection[int]) -> list[InboxRow]:
    """Return these differences in the order of `ids`; what is ignored stays so.

    Raises:
        NotFoundError: one of them is none within the actor's scope.
    """
    wanted, acting, known = list(ids), actor.acting(READ), dict[int, InboxRow]()
    for start in range(0, len(wanted), AT_ONCE):
        condition = Deviation.id.in_(wanted[start : start + AT_ONCE])
        known |= {row.id: row for row in fetch_some(session, acting, _listing(None), condition)}
    missing = [str(one) for one in wanted if one not in known]
    if missing:
        raise NotFoundError(f"the inbox has no {', '.join(missing)}")
    return [known[one] for one in wanted]


def _listing(today: date | None) -> Listing[InboxRow]:
    d, f = Deviation, Field
    ended = and_(d.state == DeviationState.IGNORED, d.until <= today) if today else false()
    state = case((ended, literal(DeviationState.OPEN.value, String)), else_=d.state)
    # Both values of a field as they are now: an import may have changed what is intended.
    of_field = d.field_id.is_not(None)
    intended = case((of_field, f.intended), else_=d.intended)
    unsaid = and_(of_field, f.intended.is_(None))
    kind = case((unsaid, literal(DeviationKind.UNWRITTEN.value, String)), else_=d.kind)
    observed = func.coalesce(f.observed, d.observed, type_=JSONText)
    statement = (
        select(
            d.id, d.scope_id, kind.label("kind"), d.key, d.element_kind, d.element_id,
            d.element, d.field, intended, observed, d.source, d.certainty,
            d.first_seen_at, d.last_seen_at,
            state.label("state"), d.until, d.reason, d.decided_by, d.decided_at, d.change,
        )
        .outerjoin(f, f.id == d.field_id)
        .where(
            or_(
                d.field_id.is_(None),
                and_(
                    f.observed.is_not(None),
                    or_(f.intended.is_(None), f.intended != f.observed),
                ),
            )
        )
    )  # fmt: skip
    columns: dict[str, Any] = {
        "kind": kind,
        "element_kind": d.element_kind,
        "element": d.element,
        "field": d.field,
        "source": d.source,
        "certainty": d.certainty,
        "state": state,
        "at": d.last_seen_at,
    }
    return Listing(InboxRow, statement, d.scope_id, d.id, columns)
