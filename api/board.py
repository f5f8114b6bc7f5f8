"""What the board shows: incidents with whom to call, states, the tree, the next meeting."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts import service as alerts
from alerts.choices import Impact
from alerts.desks import INFERRED, desks
from alerts.service.calling import ending_at
from api import overview
from conference import service as conference
from hatang.auth import Permission
from inventory import service as inventory
from inventory.rows import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.models import Acknowledgement, Incident, IncidentEffect
    from api.overview import NetworkStatus, UnitNode
    from conference.service import ReadinessReport
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import CircuitRow

SHOWN: Final = 8
CONTACTS: Final = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call: a carrier and its hotline, about which circuits."""

    name: str
    phone: str
    circuits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident in one row: cause, effects counted, owner, whom to call."""

    incident: Incident
    down: dict[str, int]
    degraded: int
    people: int
    owner: Acknowledgement | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the first page shows at once."""

    status: NetworkStatus
    lines: tuple[IncidentLine, ...]
    above: tuple[alerts.CauseAbove, ...]
    tree: tuple[UnitNode, ...]
    placed: tuple[overview.PlacedSite, ...]
    meeting: ReadinessReport | None


def board(session: AnySession, actor: Actor) -> Board:
    """Return the board as the actor may see it."""
    status = overview.network_status(session, actor)
    placed = overview.placed_sites(session, actor, status.sites)
    return Board(
        status=status,
        lines=tuple(_lines(session, actor)),
        above=alerts.causes_above(session, actor),
        tree=tuple(overview.unit_tree(session, actor, placed)),
        placed=tuple(placed),
        meeting=_meeting(session, actor),
    )


def _lines(session: AnySession, actor: Actor) -> Iterable[IncidentLine]:
    found = alerts.list_incidents(session, actor, limit=overview.INCIDENTS_SHOWN).incidents
    circuits = inventory.list_circuits(session, actor, EVERYTHING).items if found else ()
    for incident in overview.worst_first(found)[:SHOWN]:
        detail = alerts.get_incident(session, actor, incident.id)
        owner = alerts.holder(session, incident)
        yield IncidentLine(
            incident=incident,
            down=_counted(detail.effects, Impact.DOWN),
            degraded=sum(_counted(detail.effects, Impact.DEGRADED).values()),
            people=sum(each.people for each in detail.effects if each.impact == Impact.DOWN),
            owner=owner,
            contacts=_desk(session, incident) or contacts(circuits, incident),
        )


def _desk(session: AnySession, incident: Incident) -> tuple[Contact, ...]:
    """Return the carrier or power company whose outage it is; none of any other incident."""
    if not incident.element.startswith(INFERRED):
        return ()
    known = desks(session, {incident.element}).values()
    return tuple(Contact(each.carrier, each.hotline, ()) for each in known)


# What people on shift ask about first; ports and sessions stand on the incident's own page.
PLACES: Final = ("site", "room", "service", "device")


def _counted(effects: Iterable[IncidentEffect], impact: Impact) -> dict[str, int]:
    found = Counter(each.kind for each in effects if each.impact == impact)
    return {kind: found[kind] for kind in PLACES if kind in found} or dict(found)


def contacts(circuits: Iterable[CircuitRow], incident: Incident) -> tuple[Contact, ...]:
    """Return the carriers whose circuits end at the incident's site."""
    found: dict[tuple[str, str], list[str]] = {}
    for circuit in ending_at(circuits, incident.site):
        found.setdefault((circuit.provider, circuit.hotline), []).append(circuit.cid)
    return tuple(
        Contact(name, phone, tuple(sorted(cids))) for (name, phone), cids in sorted(found.items())
    )[:CONTACTS]


def _meeting(session: AnySession, actor: Actor) -> ReadinessReport | None:
    if not actor.may(Permission.CONFERENCE_READ):
        return None
    meeting = conference.next_meeting(session, actor)
    return conference.latest_readiness(session, actor, meeting.uid) if meeting else None
