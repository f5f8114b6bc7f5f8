"""Whom pages go to, whether they get through, and a test of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from alerts.alertmanager import text
from alerts.notification import delivery
from alerts.notification.rendering import TEST
from hatang import audit, clock
from hatang.auth import Actor, Permission, require
from hatang.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alertmanager import Alertmanager
    from alerts.notification.delivery import Trouble
    from hatang.db import AnySession, Database
    from hatang.settings import Settings

TEST_LASTS: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ReceiverUse:
    """A receiver and what it is told of."""

    name: str
    kind: str
    used_by: tuple[str, ...]


def list_receivers(settings: Settings, actor: Actor) -> list[ReceiverUse]:
    """Return the receivers of the settings, those of `webhooks` and `mail` left out.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    require(actor, Permission.INCIDENT_READ)
    own = settings.alertmanager
    return [
        ReceiverUse(each.name, each.kind, tuple(_uses(settings, each.name)))
        for each in own.receivers
    ]


def _uses(settings: Settings, name: str) -> list[str]:
    own = settings.alertmanager
    return [
        *(["default"] if name in own.default_receivers else []),
        *(f"route {each.name}" for each in own.routes if name in each.receivers),
        *(
            f"escalation {level}"
            for level, each in enumerate(settings.alerts.escalations, 1)
            if name in each.receivers
        ),
    ]


def send_test(
    database: Database,
    actor: Actor,
    name: str,
    settings: Settings,
    alertmanagers: Sequence[Alertmanager],
) -> int:
    """Send a test notification to receiver `name` alone; return how many Alertmanagers took it.

    It pages as an incident would, and recovers by itself within a minute.

    Raises:
        DeniedError: the actor may not acknowledge incidents.
        NotFoundError: there is no such receiver.
        UnavailableError: notification is turned off.
        DriverError: an Alertmanager did not take it.
    """
    require(actor, Permission.INCIDENT_ACKNOWLEDGE)
    if name not in {each.name for each in settings.alertmanager.receivers}:
        raise NotFoundError(f"there is no receiver {name}")
    if not alertmanagers:
        raise UnavailableError(
            "notification is turned off", fix="Set alertmanager.run or alertmanager.url."
        )
    moment = clock.now()
    alert = {
        "labels": {
            "alertname": "HatangTest",
            "severity": "info",
            "at": text(moment),
            TEST: name,
        },
        "annotations": {
            "summary": f"Thông báo thử từ hatang, do {actor.name} gửi",
            "summary_vi": f"Thông báo thử từ hatang, do {actor.name} gửi",
            "summary_en": f"Test notification of hatang, sent by {actor.name}",
        },
        "startsAt": text(moment),
        "endsAt": text(moment + TEST_LASTS),
    }
    for each in alertmanagers:
        each.post_alerts([alert])
    # Only now: an Alertmanager that hangs must not keep anybody else from writing.
    with database.write() as session:
        audit.record(session, actor, "receiver.test", f"receiver/{name}")
    return len(alertmanagers)


def list_troubles(session: AnySession, settings: Settings) -> list[Trouble]:
    """Return what does not get through now, for the eyes of whoever runs hatang."""
    return delivery.troubles(session, settings.alertmanager_urls)
