"""One incident within somebody's reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts.models import Incident
from hatang import scope
from hatang.errors import NotFoundError

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession


def incident_of(session: AnySession, acting: Actor, number: int) -> Incident:
    """Return incident `number`; raises NotFoundError where there is none within reach."""
    visible = scope.visible(acting, Incident.scope_id)
    incident = session.scalars(select(Incident).where(Incident.id == number, visible)).first()
    if incident is None:
        raise NotFoundError(f"there is no incident {number}")
    return incident
