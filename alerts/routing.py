"""Decides whom an incident concerns when it is first told of; its labels keep that for ever.

Were it decided by Alertmanager at each notification, a page sent within a route's hours would
recover outside of them, at people who never heard of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts import hours
from hatang import scope
from inventory.models import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from alerts.models import Incident
    from hatang.db import AnySession
    from hatang.settings import NotificationRoute, QuietHours, Settings


PAGING: Final = ("critical", "warning")
"""The severities that people are told of; `info` is told only where a route names it."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What the settings say about whom to tell and when."""

    routes: Sequence[NotificationRoute] = ()
    quiet: Sequence[QuietHours] = ()
    timezone: str = "UTC"

    @classmethod
    def of(cls, settings: Settings) -> Routing:
        """Return the routing that `settings` describe."""
        own = settings.alertmanager
        return cls(own.routes, own.quiet_hours, settings.timezone)

    def scopes(self, session: AnySession) -> dict[str, frozenset[int]]:
        """Return the scopes of each route that names units, all below them included."""
        return {each.name: scopes_of(session, each.units) for each in self.routes if each.units}

    def route(
        self, incident: Incident, scopes: Mapping[str, frozenset[int]], moment: datetime
    ) -> str:
        """Return the name of the first route that fits `incident` now, empty for none."""
        for each in self.routes:
            is_meant = incident.severity in (each.severities or PAGING)
            if not is_meant or not hours.covers([each], moment, self.timezone):
                continue
            if not each.units or incident.scope_id in scopes[each.name]:
                return each.name
        return ""

    def holds_back(self, severity: str, told_at: datetime, moment: datetime) -> bool:
        """Tell whether a recovery has to wait for the end of quiet hours.

        Alertmanager drops what is due while it is muted. Who heard of the fault before the quiet
        began would never hear that it is over.
        """
        quiet = [each for each in self.quiet if severity in each.severities]
        if not hours.covers(quiet, moment, self.timezone):
            return False
        return told_at < hours.began(quiet, moment, self.timezone)


def scopes_of(session: AnySession, units: Collection[str]) -> frozenset[int]:
    """Return the scopes of the units with these codes and of all below them."""
    roots = session.scalars(select(Unit.scope_id).where(Unit.code.in_(units)))
    return frozenset().union(*(scope.descendants(session, each) for each in roots))
