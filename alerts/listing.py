"""Posted alerts as Alertmanager's API shows them: one by one, in groups, and its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import re2

from alerts.alertmanager import text
from alerts.choices import AlertState
from alerts.intake import merged
from alerts.silences import active_silences, silenced_by
from alerts.validation import MAX_PATTERN, matches
from hatang.auth import Actor, Permission
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from alerts.intake import MergedAlert
    from alerts.models import Silence
    from hatang.db import AnySession

RECEIVER: Final = "hatang"
"""Our one receiver: what comes in becomes incidents."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks for; `receiver` is a pattern over receivers' names, empty for any."""

    matchers: Sequence[Mapping[str, Any]] = ()
    active: bool = True
    silenced: bool = True
    receiver: str = ""
    receiver_matchers: Sequence[Mapping[str, Any]] = ()


def list_alerts(
    session: AnySession, actor: Actor, wanted: Wanted | None = None
) -> list[dict[str, Any]]:
    """Return the firing alerts as Alertmanager's GET /api/v2/alerts does.

    Posted alerts carry no scope, so only who reaches the whole province sees them.

    Raises:
        DeniedError: the actor may not read incidents.
        InvalidInputError: the receiver's pattern is none of RE2's.
    """
    asked = wanted or Wanted()
    if not sees_all(actor) or not list_receivers(asked):
        return []
    active = active_silences(session)
    found = [
        _shown(alert, active)
        for alert in merged(session, with_texts=True)
        if alert.state is AlertState.FIRING
        and all(matches(m, alert.labels) for m in asked.matchers)
    ]
    kept = {"active": asked.active, "suppressed": asked.silenced}
    return [each for each in found if kept[each["status"]["state"]]]


def list_groups(
    session: AnySession, actor: Actor, wanted: Wanted | None = None
) -> list[dict[str, Any]]:
    """Return the same alerts as GET /api/v2/alerts/groups does, in one group an alert name."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in list_alerts(session, actor, wanted):
        groups.setdefault(one["labels"].get("alertname", ""), []).append(one)
    return [
        {
            "labels": {"alertname": name},
            "routeLabels": {},
            "receiver": {"name": RECEIVER},
            "alerts": alerts,
        }
        for name, alerts in sorted(groups.items())
    ]


def list_receivers(wanted: Wanted) -> list[dict[str, Any]]:
    """Return our one receiver, where it fits what is wanted; it has no labels.

    Raises:
        InvalidInputError: the receiver's pattern is none of RE2's.
    """
    is_named = not wanted.receiver or _fits(wanted.receiver, RECEIVER)
    is_meant = is_named and all(matches(m, {}) for m in wanted.receiver_matchers)
    return [{"name": RECEIVER}] if is_meant else []


def sees_all(actor: Actor) -> bool:
    """Whether the actor reaches the whole province; raises DeniedError when not even a part."""
    return actor.acting(Permission.INCIDENT_READ).scope_ids is None


def status(started_at: datetime, version: str, configuration: str) -> dict[str, Any]:
    """Return what GET /api/v2/status answers; a cluster of one, for the clients' eyes."""
    return {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": configuration},
        "uptime": text(started_at),
        "versionInfo": {
            "branch": "hatang",
            "buildDate": "",
            "buildUser": "",
            "goVersion": "",
            "revision": "",
            "version": version,
        },
    }


def _fits(pattern: str, name: str) -> bool:
    problem = Problem("query", "receiver", pattern[:80], "is no RE2 pattern", "Mend it.")
    if len(pattern) > MAX_PATTERN:
        raise InvalidInputError([problem])
    try:
        return re2.fullmatch(pattern, name) is not None
    except re2.error as error:
        raise InvalidInputError([problem]) from error


def _shown(alert: MergedAlert, active: Sequence[Silence]) -> dict[str, Any]:
    by = silenced_by(active, alert.labels)
    found = {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": text(alert.starts_at),
        "endsAt": text(alert.ends_at),
        "updatedAt": text(alert.received_at),
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": RECEIVER}],
        "status": {
            "state": "suppressed" if by else "active",
            "silencedBy": by,
            "inhibitedBy": [],
            "mutedBy": [],
        },
    }
    if alert.generator_url:
        found["generatorURL"] = alert.generator_url
    return found
