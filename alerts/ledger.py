"""What has to be sent, and what was: the forwarder's view of incidents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from alerts import wording
from alerts.choices import IncidentEventKind, IncidentState
from alerts.maintenance import covered
from alerts.models import Acknowledgement, Forward, Incident, IncidentEffect, IncidentEvent
from alerts.repository import tell
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class Mirror:
    """A silence that mirrors an acknowledgement in one Alertmanager."""

    id: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """One incident to send; `unsent` are the Alertmanagers that miss its present state.

    `is_released`: open and nobody works on it, so that no mirror of an acknowledgement may stay.
    """

    incident: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_until: datetime | None
    owner: str
    note: str
    unsent: frozenset[str]
    silences: Mapping[str, Mirror]
    is_released: bool = False


def prepare(
    session: WriteSession, urls: Sequence[str], public_url: str, keep_resolving: timedelta
) -> list[Item]:
    """Freeze the labels of new incidents, write down the intent to send, and return the work.

    The intent goes first: a resolve that Alertmanager never saw firing pages nobody, but a firing
    one that is forgotten here would recover by lapse.
    """
    _freeze(session)
    recent = clock.now() - keep_resolving
    untold = select(Forward.incident_id).where(
        Forward.resolved_at.is_(None), Forward.alertmanager.in_(urls)
    )
    incidents = session.scalars(
        select(Incident)
        .where(Incident.labels.is_not(None))
        .where(
            or_(
                Incident.state != IncidentState.RESOLVED,
                Incident.resolved_at >= recent,
                Incident.id.in_(untold),
            )
        )
        .order_by(Incident.id)
    ).all()
    rows = _rows(session, incidents, urls)
    return [_item(session, each, rows[each.id], public_url) for each in incidents if rows[each.id]]


def _freeze(session: WriteSession) -> None:
    away = covered(session, clock.now())
    fresh = select(Incident).where(Incident.labels.is_(None))
    for incident in session.scalars(fresh.where(Incident.state != IncidentState.RESOLVED)):
        if incident.element in away:
            continue
        labels = {
            "alertname": incident.alertname,
            "correlated": "true",
            "incident": str(incident.id),
            "severity": incident.severity,
        }
        if incident.site:
            labels["site"] = incident.site
        if incident.scope_id is not None:
            labels["scope"] = str(incident.scope_id)
        incident.labels = labels
    session.flush()


def _rows(
    session: WriteSession, incidents: Sequence[Incident], urls: Sequence[str]
) -> dict[int, dict[str, Forward]]:
    found: dict[int, dict[str, Forward]] = {each.id: {} for each in incidents}
    for row in session.scalars(select(Forward).where(Forward.incident_id.in_(found))):
        if row.alertmanager in urls:
            found[row.incident_id][row.alertmanager] = row
    for incident in incidents:
        if incident.state == IncidentState.RESOLVED:
            continue  # One that never fired there must not recover there.
        for url in urls:
            if url not in found[incident.id]:
                row = Forward(incident_id=incident.id, alertmanager=url)
                row.silence_id, row.error = "", ""
                session.add(row)
                found[incident.id][url] = row
    return found


def _item(
    session: WriteSession, incident: Incident, rows: Mapping[str, Forward], public_url: str
) -> Item:
    is_released = incident.state == IncidentState.OPEN
    taken = None if is_released else current_acknowledgement(session, incident.id)
    effects = session.scalars(
        select(IncidentEffect)
        .where(IncidentEffect.incident_id == incident.id)
        .order_by(IncidentEffect.impact.desc(), IncidentEffect.kind, IncidentEffect.name)
    ).all()
    is_over = incident.state == IncidentState.RESOLVED
    return Item(
        incident=incident.id,
        labels=incident.labels or {},
        annotations=wording.texts(
            incident, effects, taken, public_url, _closed(session, incident) if is_over else None
        ),
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at if is_over else None,
        acknowledged_until=taken.ends_at if taken else None,
        owner=taken.actor if taken else "",
        note=taken.note if taken else "",
        is_released=is_released,
        unsent=frozenset(
            url
            for url, row in rows.items()
            if (row.resolved_at if is_over else row.fired_at) is None
        ),
        silences={
            url: Mirror(row.silence_id, row.silence_ends_at)
            for url, row in rows.items()
            if row.silence_id
        },
    )


def _closed(session: WriteSession, incident: Incident) -> IncidentEvent | None:
    """Return the line of the timeline that ended the incident, if a person did."""
    mine = IncidentEvent.incident_id == incident.id
    is_close = IncidentEvent.kind == IncidentEventKind.CLOSED
    return session.scalars(select(IncidentEvent).where(mine, is_close)).first()


def current_acknowledgement(session: AnySession, incident_id: int) -> Acknowledgement | None:
    """Return the latest acknowledgement, over or not."""
    statement = (
        select(Acknowledgement)
        .where(Acknowledgement.incident_id == incident_id)
        .order_by(Acknowledgement.id.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def sent(session: WriteSession, url: str, items: Sequence[Item]) -> None:
    """Write down that `url` took `items`; only now the timeline says that people were told."""
    moment = clock.now()
    for item in items:
        row = session.get(Forward, (item.incident, url))
        if row is None:
            continue
        if item.resolved_at is None:
            row.fired_at = row.fired_at or moment
            _told(session, item.incident, moment)
        else:
            row.resolved_at = row.resolved_at or moment


def _told(session: WriteSession, number: int, moment: datetime) -> None:
    incident = session.get_one(Incident, number)
    if incident.first_forwarded_at is None:
        incident.first_forwarded_at = moment
        tell(session, incident, IncidentEventKind.FORWARDED)


def keep_silence(
    session: WriteSession, incident_id: int, url: str, silence: tuple[str, datetime]
) -> None:
    """Write down which silence mirrors the acknowledgement of an incident at `url`."""
    row = session.get(Forward, (incident_id, url))
    if row is not None:
        row.silence_id, row.silence_ends_at = silence


def forget_silence(session: WriteSession, incident_id: int, url: str) -> None:
    """Write down that no silence is left at `url`."""
    row = session.get(Forward, (incident_id, url))
    if row is not None:
        row.silence_id, row.silence_ends_at = "", None
