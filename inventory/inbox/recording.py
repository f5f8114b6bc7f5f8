"""Writes differences down as they are seen; seeing one again never makes a second row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, delete, insert, or_, select, update

from hatang import clock
from inventory.choices import ElementKind
from inventory.inbox.choices import WAITING, DeviationKind, DeviationState
from inventory.inbox.models import Deviation
from inventory.models import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import ColumnElement

    from hatang.db import WriteSession


UNWRITTEN: Final[Mapping[ElementKind, tuple[str, ...]]] = {
    ElementKind.DEVICE: ("device_type", "primary_ip4", "serial", "software"),
    ElementKind.INTERFACE: ("description",),
}
"""Fields that are proposed where the inventory says nothing; others are only compared."""

_UNWRITTEN: Final = or_(
    *(and_(Field.kind == kind, Field.field.in_(names)) for kind, names in UNWRITTEN.items())
)
_WAITS: Final = and_(
    Field.observed.is_not(None),
    or_(Field.intended != Field.observed, and_(Field.intended.is_(None), _UNWRITTEN)),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A difference that is no field's: a device or cable that is new, gone or elsewhere.

    `key` is the same each time the same difference is seen.
    """

    kind: DeviationKind
    key: str
    scope_id: int
    element_kind: str
    element: str
    source: str
    element_id: int | None = None
    intended: Any = None
    observed: Any = None
    certainty: str = "certain"


def note_fields(
    session: WriteSession, observed: tuple[ColumnElement[bool], ...], titles: Mapping[int, str]
) -> None:
    """Keep the inbox in step with the fields that the conditions `observed` name.

    What differs now and did not is opened, and what nobody wrote down; what was ignored is opened
    again when something else is observed; what differs no longer leaves. `titles` are what people
    call the elements, by id.
    """
    fields = {row.id: row for row in session.scalars(select(Field).where(*observed, _WAITS))}
    statement = select(Deviation).join(Field, Field.id == Deviation.field_id).where(*observed)
    held = {row.field_id: row for row in session.scalars(statement)}
    gone = [row.id for field_id, row in held.items() if field_id not in fields]
    if gone:
        session.execute(delete(Deviation).where(Deviation.id.in_(gone)))
    again: list[dict[str, Any]] = []
    fresh: list[dict[str, Any]] = []
    for field_id, field in fields.items():
        found, element = held.get(field_id), titles.get(field.element_id, "")
        if found is None:
            fresh.append(_row_of_field(field, element))
            continue
        again.append(_seen_again(found, field, element))
    if again:
        session.execute(update(Deviation), again)
    if fresh:
        session.execute(insert(Deviation).execution_options(render_nulls=True), fresh)
    session.expire_all()


def note(session: WriteSession, proposals: Iterable[Proposal]) -> int:
    """Write `proposals` down and return how many of them wait for a decision anew."""
    found = {(one.kind.value, one.key[:255]): one for one in proposals}
    others = select(Deviation).where(Deviation.kind != DeviationKind.FIELD)
    held = {(row.kind, row.key): row for row in session.scalars(others)}
    opened = 0
    for identifier, proposal in found.items():
        row = held.get(identifier)
        if row is None:
            session.add(_row_of(proposal))
            opened += 1
            continue
        row.last_seen_at, row.certainty, row.source = (
            clock.now(),
            proposal.certainty,
            proposal.source,
        )
        row.intended, row.element, row.scope_id = (
            proposal.intended,
            proposal.element,
            proposal.scope_id,
        )
        row.element_id = proposal.element_id  # a cable put back is another row of the inventory
        if row.state not in WAITING or row.observed != proposal.observed:
            opened += row.state != DeviationState.OPEN
            _reopen(row, proposal.observed)
    session.flush()
    return opened


def resolve(session: WriteSession, gone: Callable[[Deviation], bool]) -> int:
    """Close what waits, is no field's, and is there no longer; return how many."""
    waiting = select(Deviation).where(
        Deviation.kind != DeviationKind.FIELD, Deviation.state.in_([one.value for one in WAITING])
    )
    closed = [row for row in session.scalars(waiting) if gone(row)]
    for row in closed:
        row.state = DeviationState.RESOLVED
    session.flush()
    return len(closed)


def _opened(observed: Any) -> dict[str, Any]:  # noqa: ANN401 RUF100 - any JSON
    return {
        "state": DeviationState.OPEN,
        "until": None,
        "reason": "",
        "change": "",
        "first_seen_at": clock.now(),
        "observed": observed,
    }


def _reopen(row: Deviation, observed: Any) -> None:  # noqa: ANN401 RUF100 - any JSON
    for name, value in _opened(observed).items():
        setattr(row, name, value)


def _seen_again(row: Deviation, field: Field, element: str) -> dict[str, Any]:
    """Return the columns of a difference that is seen once more, opened again where it is new."""
    values = {
        "id": row.id,
        "last_seen_at": field.observed_at,
        "source": field.source,
        "element": element[:255],
    }
    decided = ("state", "until", "reason", "change", "first_seen_at", "observed")
    values |= {name: getattr(row, name) for name in decided}
    if row.observed != field.observed or row.state not in WAITING:
        values |= _opened(field.observed)
    return values


def _row_of_field(field: Field, element: str) -> dict[str, Any]:
    return {
        "scope_id": field.scope_id,
        "kind": DeviationKind.FIELD,
        "key": f"{field.kind}/{field.element_id}/{field.field}",
        "element_kind": field.kind,
        "element_id": field.element_id,
        "element": element[:255],
        "field": field.field,
        "field_id": field.id,
        "intended": field.intended,
        "observed": field.observed,
        "source": field.source,
        "first_seen_at": field.observed_at,
        "last_seen_at": field.observed_at,
    }


def _row_of(proposal: Proposal) -> Deviation:
    return Deviation(
        scope_id=proposal.scope_id,
        kind=proposal.kind,
        key=proposal.key[:255],
        element_kind=proposal.element_kind,
        element_id=proposal.element_id,
        element=proposal.element[:255],
        intended=proposal.intended,
        observed=proposal.observed,
        source=proposal.source,
        certainty=proposal.certainty,
        first_seen_at=clock.now(),
        last_seen_at=clock.now(),
    )
