"""What monitors, live looks and posted alerts say, brought into one form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.choices import AlertState
from alerts.correlation import SEVERITIES, Condition
from alerts.graph import Health
from alerts.intake import is_silenced, merged
from alerts.models import Check
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
REACHABILITY: Final = "reachability"
"""Value of the label `class` on rules that say what the monitors' transitions say already."""


def read(session: AnySession, ends: Mapping[str, str]) -> list[Condition]:
    """Return all conditions; `ends` maps an interface to the link it is an end of."""
    return [*_states(session, ends), *_alerts(session, ends)]


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
            health=health_of(state, cause),
            since=since,
            measured_at=since,
        )
        found.append(_checked(condition, checks.get(target)))
    return found


def health_of(state: str, cause: str) -> Health:
    """Return whether an element works; flapping is no proof of either."""
    if state == State.BAD:
        return Health.BAD
    if state == State.UNKNOWN or cause == Cause.FLAPPING:
        return Health.UNKNOWN
    return Health.GOOD


def _checked(condition: Condition, check: Check | None) -> Condition:
    """Let a live look younger than the state speak."""
    if check is None or check.at < condition.measured_at or check.health == Health.UNKNOWN:
        return condition
    health = Health(check.health)
    since = condition.since if health is condition.health else check.at
    return replace(condition, health=health, since=since, measured_at=check.at)


def _alerts(session: AnySession, ends: Mapping[str, str]) -> list[Condition]:
    found = []
    for alert in merged(session):
        if alert.element is None or alert.labels.get("severity") == "none":
            continue
        if alert.labels.get("class") == REACHABILITY or is_silenced(session, alert.labels):
            continue  # The transitions say it sooner; the rule is for the raw way.
        found.append(_alert(alert, ends.get(alert.element, alert.element)))
    return found


_HEALTH: Final = {
    AlertState.FIRING: Health.BAD,
    AlertState.RESOLVED: Health.GOOD,
    AlertState.UNKNOWN: Health.UNKNOWN,
}


def _alert(alert: MergedAlert, element: str) -> Condition:
    severity = alert.labels.get("severity", "")
    return Condition(
        key=f"alert:{alert.fingerprint}",
        element=element,
        name=alert.labels["alertname"][:100],
        severity=severity if severity in SEVERITIES else "warning",
        health=_HEALTH[alert.state],
        since=alert.since,
        measured_at=alert.received_at,
        blocks=False,
    )
