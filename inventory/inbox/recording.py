"""Writes differences down as they are seen; seeing one again never makes a second row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hatang import clock
from inventory.inbox.choices import WAITING, DeviationKind, DeviationState
from inventory.inbox.models import Deviation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hatang.db import WriteSession
    from inventory.models import Field


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


def note_fields(session: WriteSession, fields: Iterable[Field], element: str) -> None:
    """Keep the inbox in step with observed `fields` of `element`.

    What differs now and did not is opened; what was ignored is opened again when something else
    is observed; what differs no longer leaves.
    """
    rows = {field.id: field for field in fields}
    held = {
        row.field_id: row
        for row in session.scalars(select(Deviation).where(Deviation.field_id.in_(rows)))
    }
    for field_id, field in rows.items():
        row = held.get(field_id)
        if not differs(field):
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(_row_of_field(field, element))
        else:
            row.last_seen_at, row.source, row.element = field.observed_at, field.source, element
            if row.observed != field.observed or row.state not in WAITING:
                _reopen(row, field.observed)
    session.flush()


def differs(field: Field) -> bool:
    """Return whether both values are known and unequal."""
    known = field.intended is not None and field.observed is not None
    return known and field.intended != field.observed


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


def _reopen(row: Deviation, observed: Any) -> None:  # noqa: ANN401 RUF100 - any JSON
    row.state, row.until, row.reason, row.change = DeviationState.OPEN, None, "", ""
    row.first_seen_at, row.observed = clock.now(), observed


def _row_of_field(field: Field, element: str) -> Deviation:
    return Deviation(
        scope_id=field.scope_id,
        kind=DeviationKind.FIELD,
        key=f"{field.kind}/{field.element_id}/{field.field}",
        element_kind=field.kind,
        element_id=field.element_id,
        element=element[:255],
        field=field.field,
        field_id=field.id,
        intended=field.intended,
        observed=field.observed,
        source=field.source,
        first_seen_at=field.observed_at,
        last_seen_at=field.observed_at,
    )


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
