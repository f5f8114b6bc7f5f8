"""What devices say beside what is intended: recorded, compared, never written over intent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import inspect, select

from hatang import clock
from hatang.errors import NotFoundError
from inventory import writing
from inventory.inbox.recording import note_fields
from inventory.models import Device, Field, Interface
from inventory.repository import Listing, fetch
from inventory.rows import FIRST_PAGE, DeviationRow, Page, Query
from inventory.service.reading import READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.choices import ElementKind

# What a device says of itself is kept up to this many characters a field.
MAX_TEXT: Final = 4096

_DEVIATIONS: Final = Listing(
    DeviationRow,
    select(
        Field.kind,
        Field.element_id,
        Field.field,
        Field.intended,
        Field.observed,
        Field.source,
        Field.observed_at,
    ).where(
        Field.intended.is_not(None),
        Field.observed.is_not(None),
        Field.intended != Field.observed,
    ),
    Field.scope_id,
    Field.id,
    {"kind": Field.kind, "field": Field.field, "source": Field.source, "at": Field.observed_at},
)


def record_observation(
    session: WriteSession,
    kind: ElementKind,
    element_id: int,
    facts: Mapping[str, Any],
    source: str,
) -> None:
    """Record what `source` (snmp, ssh, lldp …) saw of one element, by field; intent stays.

    A field observed as None was looked for and not found: it is unknown, and no deviation.

    Raises:
        NotFoundError: there is no such element.
    """
    element = session.get(writing.model_of(kind), element_id)
    if element is None:
        raise NotFoundError(f"the inventory has no {kind} {element_id}")
    held = {
        row.field: row
        for row in session.scalars(
            select(Field).where(Field.kind == kind.value, Field.element_id == element_id)
        )
    }
    intended = _intended(element)
    for name, value in facts.items():
        row = held.get(name)
        if row is None:
            row = Field(kind=kind.value, element_id=element_id, field=name)
            session.add(row)
        row.scope_id = intended["scope_id"]
        row.intended = writing.stated(intended.get(name))
        row.observed = value[:MAX_TEXT] if isinstance(value, str) else value
        row.source, row.observed_at = source, clock.now()
        held[name] = row
    session.flush()
    note_fields(session, [held[name] for name in facts], _title(session, element))


def deviations(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[DeviationRow]:
    """Return the fields where observed is not intended; filters: kind, field, source."""
    return fetch(session, actor.acting(READ), _DEVIATIONS, query)


def _intended(element: object) -> dict[str, Any]:
    columns = inspect(type(element)).columns
    return {column.key: getattr(element, column.key) for column in columns}


def _title(session: AnySession, element: object) -> str:
    """Return what people call the element; a port with its device."""
    names = (getattr(element, name, None) for name in ("name", "code", "slug", "cid", "model"))
    title = next((str(name) for name in names if name), "")
    if isinstance(element, Interface):
        device = session.scalar(select(Device.name).where(Device.id == element.device_id))
        title = f"{device}:{title}"
    return title
