"""Reads the book of a correlation step and writes down what it decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select, update

from alerts.choices import Impact, IncidentEventKind, IncidentState
from alerts.correlation import Book, OpenIncident
from alerts.models import Acknowledgement, Check, Incident, IncidentEffect, IncidentEvent, Pending
from hatang import clock, events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from alerts.correlation import Move, Opening, Outcome
    from alerts.graph import Graph, Health
    from hatang.db import AnySession, WriteSession

TOPIC: Final = "alerts.incident"
_UNLISTED: Final = frozenset({"way"})


def book(session: AnySession) -> Book:
    """Return what earlier steps left."""
    rows = session.scalars(select(Incident).where(Incident.state != IncidentState.RESOLVED))
    incidents = tuple(
        OpenIncident(row.id, row.fault, row.opened_at, row.is_verified, frozenset(row.parts))
        for row in sorted(rows, key=lambda each: each.id)
    )
    pending = {row.fault: row.since for row in session.scalars(select(Pending))}
    return Book(incidents, pending)


def keep_checks(session: WriteSession, checks: Mapping[str, tuple[Health, datetime]]) -> None:
    """Write down what live looks showed."""
    for element, (health, at) in checks.items():
        session.merge(Check(element=element, health=health.value, at=at))


def apply(session: WriteSession, graph: Graph, outcome: Outcome) -> None:
    """Write down everything that `outcome` decided."""
    moment = clock.now()
    for number in outcome.resolved:
        _resolve(session, number, moment)
    for move in outcome.moved:
        _move(session, graph, move, moment)
    for opening in outcome.opened:
        _open(session, graph, opening, moment)
    session.flush()
    _keep_pending(session, outcome.pending)
    _lapse_acknowledgements(session, moment)
    rows = select(Incident).where(Incident.state != IncidentState.RESOLVED)
    known = _known_effects(session)
    for incident in session.scalars(rows).all():
        _keep_effects(session, graph, outcome, incident, known.get(incident.id, set()))
        parts = outcome.parts.get(incident.fault, frozenset()).union(incident.parts)
        if len(parts) > len(incident.parts):
            incident.parts = sorted(parts)


def tell(session: WriteSession, incident: Incident, kind: IncidentEventKind, **detail: Any) -> None:
    """Add a line to the incident's timeline and publish it."""
    actor = str(detail.pop("actor", "hatang"))
    line = IncidentEvent(incident_id=incident.id, at=clock.now(), kind=kind, actor=actor)
    line.detail = detail
    session.add(line)
    payload = {"incident": incident.id, "kind": kind.value, "state": incident.state}
    events.publish(session, TOPIC, str(incident.id), payload)


def _open(session: WriteSession, graph: Graph, opening: Opening, moment: datetime) -> None:
    fault = opening.fault
    info = graph.info.get(fault.element)
    incident = Incident(
        fault=fault.key,
        element=fault.element,
        origin=fault.element,
        name=info.name if info else fault.element,
        site=info.site if info else "",
        scope_id=info.scope_id if info else None,
        alertname=fault.name,
        severity=fault.severity,
        state=IncidentState.OPEN,
        is_verified=opening.verified,
        bad_since=fault.since,
        opened_at=moment,
    )
    session.add(incident)
    session.flush()
    detail = {"element": fault.element, "verified": opening.verified}
    tell(session, incident, IncidentEventKind.OPENED, **detail)


def _move(session: WriteSession, graph: Graph, move: Move, moment: datetime) -> None:
    incident = session.get_one(Incident, move.number)
    if incident.state == IncidentState.RESOLVED:
        return  # Somebody closed it since the step began; the next one opens what is bad.
    before = incident.element
    info = graph.info.get(move.fault.element)
    incident.fault, incident.element = move.fault.key, move.fault.element
    incident.name = info.name if info else move.fault.element
    incident.alertname, incident.site = move.fault.name, info.site if info else ""
    if info and info.scope_id is not None:
        incident.scope_id = info.scope_id
    detail = {"before": before, "after": incident.element, "at": moment.isoformat()}
    tell(session, incident, IncidentEventKind.CAUSE_MOVED, **detail)


def _resolve(session: WriteSession, number: int, moment: datetime) -> None:
    incident = session.get_one(Incident, number)
    if incident.state == IncidentState.RESOLVED:
        return
    incident.state, incident.resolved_at = IncidentState.RESOLVED, moment
    tell(session, incident, IncidentEventKind.RESOLVED, element=incident.element)


def _keep_pending(session: WriteSession, pending: Mapping[str, datetime]) -> None:
    known = {row.fault: row for row in session.scalars(select(Pending))}
    for fault in known.keys() - pending.keys():
        session.delete(known[fault])
    for fault, since in pending.items():
        if fault not in known or known[fault].since != since:
            session.merge(Pending(fault=fault, since=since))


def _lapse_acknowledgements(session: WriteSession, moment: datetime) -> None:
    holding = select(Acknowledgement.incident_id).where(Acknowledgement.ends_at > moment)
    session.execute(
        update(Incident)
        .where(Incident.state == IncidentState.ACKNOWLEDGED, Incident.id.not_in(holding))
        .values(state=IncidentState.OPEN)
    )


def _known_effects(session: WriteSession) -> dict[int, set[tuple[str, str]]]:
    """Return element and impact of what every open incident is known to do."""
    rows = (
        select(IncidentEffect.incident_id, IncidentEffect.element, IncidentEffect.impact)
        .join(Incident, Incident.id == IncidentEffect.incident_id)
        .where(Incident.state != IncidentState.RESOLVED)
    )
    found: dict[int, set[tuple[str, str]]] = {}
    for number, element, impact in session.execute(rows):
        found.setdefault(number, set()).add((element, impact))
    return found


def _keep_effects(
    session: WriteSession,
    graph: Graph,
    outcome: Outcome,
    incident: Incident,
    known: set[tuple[str, str]],
) -> None:
    wanted = {
        element: impact
        for impact, elements in (
            (Impact.DEGRADED, outcome.cut.degraded_by(incident.element)),
            (Impact.DOWN, outcome.cut.below(incident.element)),
        )
        for element in elements
        if graph.info.get(element) is None or graph.info[element].kind not in _UNLISTED
    }
    if known == set(wanted.items()):
        return
    session.execute(delete(IncidentEffect).where(IncidentEffect.incident_id == incident.id))
    if wanted:
        values = [_effect(graph, incident.id, each, impact) for each, impact in wanted.items()]
        session.execute(insert(IncidentEffect), values)


def _effect(graph: Graph, incident: int, element: str, impact: Impact) -> dict[str, Any]:
    info = graph.info.get(element)
    return {
        "incident_id": incident,
        "element": element,
        "kind": info.kind if info else element.partition(":")[0],
        "name": info.name if info else element,
        "site": info.site if info else "",
        "scope_id": info.scope_id if info else None,
        "people": info.people if info else 0,
        "impact": impact.value,
    }
