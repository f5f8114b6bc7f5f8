"""Reads the book of a correlation step and writes down what it decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import delete, insert, select, update

from alerts.choices import Impact, IncidentEventKind, IncidentState
from alerts.correlation import Book, OpenIncident
from alerts.desks import INFERRED
from alerts.hinted import said_of
from alerts.models import Acknowledgement, Check, Incident, IncidentEffect, IncidentEvent, Pending
from alerts.probable import MOST, ask
from hatang import clock, events, scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Table

    from alerts.correlation import Move, Opening, Outcome
    from alerts.graph import Cut, Graph, Health
    from hatang.db import AnySession, WriteSession

TOPIC: Final = "alerts.incident"
_EFFECTS: Final = cast("Table", IncidentEffect.__table__)
_PENDING: Final = cast("Table", Pending.__table__)
_ITSELF: Final = "hatang"
_UNLISTED: Final = ("way:",)
_PLACED: Final = frozenset({"circuit", "device", "ups"})


def book(session: AnySession) -> Book:
    """Return what earlier steps left."""
    rows = session.execute(
        select(
            Incident.id, Incident.fault, Incident.opened_at, Incident.is_verified, Incident.parts
        )
        .where(Incident.state != IncidentState.RESOLVED)
        .order_by(Incident.id)
    )
    incidents = tuple(
        OpenIncident(number, fault, opened_at, is_verified, frozenset(parts))
        for number, fault, opened_at, is_verified, parts in rows
    )
    pending = dict(session.execute(select(Pending.fault, Pending.since)).all())
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
    if outcome.opened:
        _open(session, graph, outcome.opened, moment)
    session.flush()
    _keep_pending(session, outcome.pending)
    _lapse_acknowledgements(session, moment)
    known = _known_effects(session)
    columns = (Incident.id, Incident.fault, Incident.element, Incident.parts)
    rows = select(*columns).where(Incident.state != IncidentState.RESOLVED)
    for number, fault, element, parts in session.execute(rows).all():
        _keep_effects(session, graph, outcome.cut, (number, element), known.get(number, set()))
        if element.startswith(INFERRED):
            _keep_reach(session, graph, number, outcome.cut.below(element))
        grown = outcome.parts.get(fault, frozenset()).union(parts)
        if len(grown) > len(parts):
            session.get_one(Incident, number).parts = sorted(grown)


def tell(session: WriteSession, incident: Incident, kind: IncidentEventKind, **detail: Any) -> None:
    """Add a line to the incident's timeline and publish it."""
    actor = str(detail.pop("actor", _ITSELF))
    line = IncidentEvent(incident_id=incident.id, at=clock.now(), kind=kind, actor=actor)
    line.detail = detail
    session.add(line)
    events.publish_all(session, TOPIC, [_published(incident, kind)])


def _open(
    session: WriteSession, graph: Graph, openings: Sequence[Opening], moment: datetime
) -> None:
    """Open incidents together: a storm of alerts opens a thousand in a step."""
    found = [_incident(graph, opening, moment) for opening in openings]
    session.add_all(found)
    session.flush()
    kind = IncidentEventKind.OPENED
    states = [each for each, opening in zip(found, openings, strict=True) if opening.fault.blocks]
    said = said_of(session, states[:MOST])
    for incident in found:
        line = IncidentEvent(incident_id=incident.id, at=moment, kind=kind, actor=_ITSELF)
        line.detail = {"element": incident.element, "verified": incident.is_verified}
        if incident.id in said:
            line.detail["said"] = said[incident.id]
        session.add(line)
    events.publish_all(session, TOPIC, [_published(each, kind) for each in found])
    for incident in states[:MOST]:
        _ask(session, graph, incident)


def _ask(session: WriteSession, graph: Graph, incident: Incident) -> None:
    """Ask what probably caused the incident, and write that down."""
    if detail := ask(session, graph, incident):
        tell(session, incident, IncidentEventKind.PROBABLE_CAUSE, **detail)


def _incident(graph: Graph, opening: Opening, moment: datetime) -> Incident:
    fault = opening.fault
    info = graph.info.get(fault.element)
    return Incident(
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


def _published(incident: Incident, kind: IncidentEventKind) -> tuple[str, dict[str, Any]]:
    told = {"incident": incident.id, "kind": kind.value, "state": incident.state}
    return str(incident.id), told


def _move(session: WriteSession, graph: Graph, move: Move, moment: datetime) -> None:
    incident = session.get_one(Incident, move.number)
    if incident.state == IncidentState.RESOLVED:
        return  # Somebody closed it since the step began; the next one opens what is bad.
    before = incident.element
    incident.origin_name = incident.origin_name or incident.name
    info = graph.info.get(move.fault.element)
    incident.fault, incident.element = move.fault.key, move.fault.element
    incident.name = info.name if info else move.fault.element
    incident.alertname, incident.site = move.fault.name, info.site if info else ""
    if info and info.scope_id is not None:
        incident.scope_id = info.scope_id
    detail = {"before": before, "after": incident.element, "at": moment.isoformat()}
    tell(session, incident, IncidentEventKind.CAUSE_MOVED, **detail)
    _ask(session, graph, incident)


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
    fresh = []
    for fault, since in pending.items():
        if fault not in known:
            fresh.append({"fault": fault, "since": since})
        elif known[fault].since != since:
            known[fault].since = since
    if fresh:
        session.execute(insert(_PENDING), fresh)


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
    shape: Cut,
    incident: tuple[int, str],
    known: set[tuple[str, str]],
) -> None:
    number, element = incident
    wanted = {
        each: impact
        for impact, elements in (
            (Impact.DEGRADED, shape.degraded_by(element)),
            (Impact.DOWN, shape.below(element)),
        )
        for each in elements
        if not each.startswith(_UNLISTED)
    }
    if known == set(wanted.items()):
        return
    session.execute(delete(IncidentEffect).where(IncidentEffect.incident_id == number))
    if wanted:
        values = [_effect(graph, number, each, impact) for each, impact in wanted.items()]
        # By the table: of a core's thousands of effects the ORM would track each.
        session.execute(insert(_EFFECTS), values)


def _keep_reach(session: WriteSession, graph: Graph, number: int, hit: Iterable[str]) -> None:
    """Let a carrier's or power company's incident belong to the lowest unit above all it hits.

    Neither has a unit of its own. What it hit once stays within reach of those who saw it.
    """
    found = (graph.info.get(each) for each in hit)
    scopes = {info.scope_id for info in found if info and info.kind in _PLACED}
    if not scopes or None in scopes:
        return
    incident = session.get_one(Incident, number)
    asked = scopes | ({incident.scope_id} if incident.scope_id is not None else set())
    incident.scope_id = scope.common(session, {each for each in asked if each is not None})


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
