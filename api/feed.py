"""What happens, as one person may hear of it: the events table, read on from a place.

Each event is checked against who is listening at that moment: his session, roles and scope may
have changed since the stream began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from alerts.models import Incident
from alerts.repository import TOPIC as INCIDENT
from conference import service as conference
from hatang import events, scope
from hatang.auth import Permission
from hatang.errors import DeniedError, NotFoundError
from inventory.service.importing import CHANGED as INVENTORY
from monitors.repository import TOPIC as TRANSITION
from playbooks import changes, runs
from playbooks.changes.lines import TOPIC as LINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.events import Event

BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it leaves."""

    id: int
    topic: str
    key: str
    at: datetime
    payload: dict[str, Any]


def after(session: AnySession, actor: Actor, position: int) -> tuple[list[Told], int]:
    """Return what the actor may know of the next events behind `position`, and the new place."""
    rows = events.read_after(session, position, _CHECKS, BATCH)
    told = [
        Told(row.id, row.topic, row.key, row.created_at, row.payload)
        for row in rows
        if _may_know(session, actor, row)
    ]
    place = rows[-1].id if len(rows) == BATCH else max(position, events.head(session))
    return told, place


def _may_know(session: AnySession, actor: Actor, event: Event) -> bool:
    try:
        return _CHECKS[event.topic](session, actor, event)
    except (DeniedError, NotFoundError):
        return False


def _incident(session: AnySession, actor: Actor, event: Event) -> bool:
    incident = session.get(Incident, int(event.key))
    acting = actor.acting(Permission.INCIDENT_READ)
    return incident is not None and scope.reaches(session, acting, incident.scope_id)


def _transition(session: AnySession, actor: Actor, event: Event) -> bool:
    acting = actor.acting(Permission.MONITOR_READ)
    return scope.reaches(session, acting, event.payload.get("scope_id"))


def _change(session: AnySession, actor: Actor, event: Event) -> bool:
    changes.require_visible(session, actor, _number(event))
    return True


def _run(session: AnySession, actor: Actor, event: Event) -> bool:
    return bool(runs.get_run(session, actor, _number(event)))


def _inventory(session: AnySession, actor: Actor, _event: Event) -> bool:
    return scope.reaches(session, actor.acting(Permission.INVENTORY_READ), None)


def _meeting(session: AnySession, actor: Actor, event: Event) -> bool:
    return bool(conference.get_meeting(session, actor, event.key.partition("/")[2]))


def _number(event: Event) -> int:
    return int(event.key.partition("/")[2])


# A topic that is not listed is told to nobody: nobody has said yet who may know of it.
_CHECKS: Final[dict[str, Callable[[AnySession, Actor, Event], bool]]] = {
    INCIDENT: _incident,
    TRANSITION: _transition,
    INVENTORY: _inventory,
    "playbooks.change-finished": _change,
    LINE: _change,
    "playbooks.run-event": _run,
    "playbooks.run-finished": _run,
    "conference.live": _meeting,
    "conference.readiness": _meeting,
}
