"""What devices said unasked, for people: filtered by scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from hatang import scope
from hatang.auth import Permission
from inventory import service as inventory
from inventory.rows import Query
from monitors.hints.schema import HintKind, built_in, rules
from monitors.models import HintRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class HintRecord:
    """A hint that was kept: said `count` times between `at` and `last_at`.

    `text_*` is what it means, `detail` what the device said; `is_verified` that a monitor took
    it up and measured.
    """

    id: int
    at: datetime
    last_at: datetime
    device: str
    element: str
    kind: HintKind
    source: str
    rule: str
    text_vi: str
    text_en: str
    detail: dict[str, Any]
    count: int
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Hints:
    """A part of the hints, newest first; `total` counts all that match."""

    hints: tuple[HintRecord, ...]
    total: int


def list_hints(
    session: AnySession,
    actor: Actor,
    *,
    device: str | None = None,
    kind: HintKind | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Hints:
    """Return the hints the actor may see, those of one `device` (name or key) or `kind` if given.

    Raises:
        NotFoundError: there is no such device, or the actor may not see it.
        DeniedError: the actor may see no states.
    """
    visible = scope.visible(actor.acting(Permission.MONITOR_READ), HintRow.scope_id)
    query = select(HintRow).where(visible)
    if device is not None:
        query = query.where(
            HintRow.owner == inventory.get_device(session, actor, device).device_key
        )
    if kind is not None:
        query = query.where(HintRow.kind == kind)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = (HintRow.last_at.desc(), HintRow.id.desc())
    rows = list(session.scalars(query.order_by(*newest).limit(limit).offset(offset)))
    names = _names(session, actor, {row.owner for row in rows})
    return Hints(tuple(_record(row, names) for row in rows), total)


def latest_of(
    session: AnySession, elements: Collection[str], since: datetime, until: datetime
) -> dict[str, HintRecord]:
    """Return what was said last of each of `elements` within that time; for processes."""
    within = (HintRow.last_at >= since, HintRow.at <= until)
    rows = select(HintRow).where(HintRow.element.in_(list(elements)), *within)
    return {
        row.element: _record(row, {})
        for row in session.scalars(rows.order_by(HintRow.last_at, HintRow.id))
    }


def _names(session: AnySession, actor: Actor, keys: set[str]) -> dict[str, str]:
    if not keys:
        return {}
    rows = inventory.list_devices(session, actor, Query(limit=None)).items
    return {row.device_key: row.name for row in rows if row.device_key in keys}


def _record(row: HintRow, names: dict[str, str]) -> HintRecord:
    rule = rules(built_in().items()).get(row.rule)
    return HintRecord(
        id=row.id,
        at=row.at,
        last_at=row.last_at,
        device=names.get(row.owner, row.owner),
        element=row.element,
        kind=HintKind(row.kind),
        source=row.source,
        rule=row.rule,
        text_vi=rule.text.vi if rule else row.rule,
        text_en=rule.text.en if rule else row.rule,
        detail=row.detail,
        count=row.count,
        is_verified=row.is_verified,
    )
