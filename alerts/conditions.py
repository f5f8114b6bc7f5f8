"""What monitors, live looks and posted alerts say, brought into one form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.choices import AlertState
from alerts.correlation import SEVERITIES, Condition
from alerts.graph import Health
from alerts.intake import active_silences, is_silenced, merged
from alerts.models import Check
from hatang import clock
from monitors.choices import Cause, ElementKind, State
from monitors.models import ElementRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.intake import MergedAlert
    from hatang.db import AnySession

ALERT_NAMES: Final[Mapping[str, str]] = {
    ElementKind.DEVICE: "DeviceUnreachable",
    ElementKind.INTERFACE: "LinkDown",
    ElementKind.UPS: "UpsOnBattery",
    ElementKind.BGP: "BgpSessionDown",
    ElementKind.OSPF: "OspfNeighbourLost",
    ElementKind.SERVICE: "ServiceUnavailable",
}
_CRITICAL: Final = frozenset({ElementKind.DEVICE, ElementKind.SERVICE})
CHECK_HOLDS: Final = timedelta(seconds=60)
RAW_CLASSES: Final = frozenset({"state", "hatang"})
"""Values of the label `class` on rules that no incident is made of: `state` says what the monitors'
transitions say sooner, `hatang` is about ourselves and goes straight to Alertmanager."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All conditions, and the keys of those that somebody silenced."""

    conditions: tuple[Condition, ...]
    silenced: frozenset[str]


def read(session: AnySession, ends: Mapping[str, str]) -> Reading:
    """Return all conditions; `ends` maps an interface to the link it is an end of."""
    heard = [each for each in merged(session) if _counts(each)]
    active = active_silences(session)
    silenced = {_key(each) for each in heard if active and is_silenced(active, each.labels)}
    alerts = [_alert(each, ends) for each in heard]
    return Reading((*_states(session, ends), *alerts), frozenset(silenced))


def _counts(alert: MergedAlert) -> bool:
    labels = alert.labels
    return labels.get("severity") != "none" and labels.get("class", "") not in RAW_CLASSES


def _key(alert: MergedAlert) -> str:
    return f"alert:{alert.fingerprint}"


def _states(session: AnySession, ends: Mapping[str, str]) -> list[Condition]:
    checks = {row.element: row for row in session.scalars(select(Check))}
    found = []
    columns = (ElementRow.element, ElementRow.kind, ElementRow.state, ElementRow.cause)
    for element, kind, state, cause, since in session.execute(select(*columns, ElementRow.since)):
        target = ends.get(element, element)
        if kind == ElementKind.INTERFACE and target == element:
            continue  # A port that leads to nothing drawn: its rules judge it, not its state.
        condition = Condition(
            key=f"state:{element}",
            element=target,
            name=ALERT_NAMES.get(kind, "ElementDown"),
            severity="critical" if kind in _CRITICAL else "warning",
            health=health_of(kind, state, cause),
            since=since,
            measured_at=since,
        )
        found.append(_checked(condition, checks.get(target)))
    return found


def health_of(kind: str, state: str, cause: str) -> Health:
    """Return whether an element works; flapping is no proof of either.

    A degraded device still answers; a degraded UPS runs on its battery, which somebody must know.
    """
    if state == State.BAD or (kind == ElementKind.UPS and state == State.DEGRADED):
        return Health.UNKNOWN if cause == Cause.FLAPPING else Health.BAD
    if state == State.UNKNOWN or cause == Cause.FLAPPING:
        return Health.UNKNOWN
    return Health.GOOD


def _checked(condition: Condition, check: Check | None) -> Condition:
    """Let a live look younger than the state speak, until the polls must have said the same."""
    if check is None or check.at < condition.measured_at or check.health == Health.UNKNOWN:
        return condition
    if clock.now() - check.at > CHECK_HOLDS:
        return condition
    health = Health(check.health)
    since = condition.since if health is condition.health else check.at
    return replace(condition, health=health, since=since, measured_at=check.at)


_HEALTH: Final = {
    AlertState.FIRING: Health.BAD,
    AlertState.RESOLVED: Health.GOOD,
    AlertState.UNKNOWN: Health.UNKNOWN,
}


def _alert(alert: MergedAlert, ends: Mapping[str, str]) -> Condition:
    # One that names no element we know of still has to reach somebody: it stands for itself.
    element = alert.element or _key(alert)
    severity = alert.labels.get("severity", "")
    return Condition(
        key=_key(alert),
        element=ends.get(element, element),
        name=alert.labels["alertname"][:100],
        severity=severity if severity in SEVERITIES else "warning",
        health=_HEALTH[alert.state],
        since=alert.since,
        measured_at=alert.received_at,
        blocks=False,
    )
