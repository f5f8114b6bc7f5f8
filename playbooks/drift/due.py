"""Which devices are to be compared: those a selection holds now, and what of them is stale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from hatang import scope
from hatang.auth import Actor
from inventory.models import Device, Site
from monitors.watched import WATCHED
from playbooks import intended
from playbooks.changes.selecting import Selection, conditions
from playbooks.choices import ConfigKind, DriftReason
from playbooks.models import ConfigVersion, Drift, IntendedConfiguration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from hatang.db import AnySession

SYSTEM: Final = Actor.system("drift")


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be compared of one intended configuration, as it was set at `set_at`.

    `devices` name the newest running version of each, None where the vault holds none; `gone` are
    the devices that it is no longer intended for, as long as it is for any: of one that matches no
    device, those out of service alone.
    """

    intended_id: int
    set_at: datetime
    devices: dict[int, int | None]
    gone: tuple[int, ...]


def due(session: AnySession, names: Collection[str] | None = None) -> list[Due]:
    """Return everything in force; `names` are the devices it is about, None: all in service."""
    return [
        Due(row.id, row.set_at, {one.id: one.version_id for one in seen}, gone)
        for row, seen, gone in _looked_at(session, names)
    ]


def stale(session: AnySession, before: datetime) -> list[Due]:
    """Return what may stand differently than when it was compared last.

    It never was, or the vault holds a newer configuration, or something else is intended since;
    or a configuration that was too old was seen again, or one has grown too old: seen last
    `before` that.
    """
    found = []
    for row, seen, gone in _looked_at(session, None):
        other = {one.id: one.version_id for one in seen if one.is_stale(row.set_at, before)}
        if other or gone:
            found.append(Due(row.id, row.set_at, other, gone))
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    id: int
    version_id: int | None
    last_seen_at: datetime | None
    compared_id: int | None
    reason: str | None
    checked_at: datetime | None

    def is_stale(self, set_at: datetime, before: datetime) -> bool:
        if self.checked_at is None or self.checked_at < set_at:
            return True
        is_old = self.last_seen_at is not None and self.last_seen_at < before
        was_old = self.reason == DriftReason.TOO_OLD
        return self.compared_id != self.version_id or is_old != was_old


def _looked_at(
    session: AnySession, names: Collection[str] | None
) -> list[tuple[IntendedConfiguration, list[_Seen], tuple[int, ...]]]:
    found = []
    for row in session.scalars(intended.in_force(SYSTEM).order_by(IntendedConfiguration.id)):
        chosen = select(Device.id).join(Site, Site.id == Device.site_id).where(_of(session, row))
        # Where not one matches any more, a unit or site was renamed or dissolved: no device came to
        # be as intended by that, and only those out of service are done with.
        in_service = select(Device.id).where(Device.status.in_(WATCHED))
        left = select(Drift.device_id).where(
            Drift.intended_id == row.id,
            Drift.device_id.not_in(chosen),
            or_(chosen.exists(), Drift.device_id.not_in(in_service)),
        )
        found.append((row, _seen(session, row, names), tuple(session.scalars(left))))
    return found


def _seen(
    session: AnySession, row: IntendedConfiguration, names: Collection[str] | None
) -> list[_Seen]:
    newest = (
        select(func.max(ConfigVersion.id))
        .where(ConfigVersion.device_id == Device.id, ConfigVersion.kind == ConfigKind.RUNNING)
        .correlate(Device)
        .scalar_subquery()
    )
    statement = (
        select(
            Device.id,
            ConfigVersion.id,
            ConfigVersion.last_seen_at,
            Drift.version_id,
            Drift.reason,
            Drift.checked_at,
        )
        .join(Site, Site.id == Device.site_id)
        .outerjoin(ConfigVersion, ConfigVersion.id == newest)
        .outerjoin(Drift, and_(Drift.device_id == Device.id, Drift.intended_id == row.id))
        .where(_of(session, row))
        .order_by(Device.id)
    )
    if names is not None:
        statement = statement.where(Device.name.in_(names))
    return [_Seen(*one) for one in session.execute(statement)]


def intended_for_none(session: AnySession, rows: Sequence[IntendedConfiguration]) -> set[int]:
    """Return the ids of those that are intended for no device in service, in all the province."""
    if not rows:
        return set()
    asked = [
        select(Device.id)
        .join(Site, Site.id == Device.site_id)
        .where(_of(session, row))
        .correlate(None)
        .exists()
        for row in rows
    ]
    found = session.execute(select(*(one.label(f"c{at}") for at, one in enumerate(asked)))).one()
    return {row.id for row, is_any in zip(rows, found, strict=True) if not is_any}


def _of(session: AnySession, row: IntendedConfiguration) -> ColumnElement[bool]:
    """Return which devices in service, joined with their site, it is intended for."""
    chosen = Selection(**{field: tuple(each) for field, each in row.selection.items()})
    is_chosen: ColumnElement[bool] = Device.device_key.in_(chosen.names)
    if chosen.is_filtered:
        is_chosen = or_(is_chosen, and_(*conditions(session, chosen)))
    parts = [is_chosen, Device.status.in_(WATCHED)]
    if row.scope_id is not None:
        parts.append(Device.scope_id.in_(scope.descendants(session, row.scope_id)))
    return and_(*parts)
