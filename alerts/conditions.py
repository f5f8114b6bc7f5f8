"""What monitors, live looks and posted alerts say, brought into one form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from alerts import carriers, power
from alerts.carriers import CARRIER
from alerts.choices import AlertState
from alerts.correlation import SEVERITIES, Condition
from alerts.graph import Health
from alerts.intake import PREFIX, merged
from alerts.models import Check
from alerts.power import POWER
from alerts.silences import active_silences, silenced_by
from hatang import clock
from monitors import service
from monitors.choices import Cause, ElementKind, State
from monitors.models import ElementRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Row

    from alerts.intake import MergedAlert
    from hatang.db import AnySession

    Known = Row[str, str, str, str, str, datetime]

ALERT_NAMES: Final[Mapping[str, str]] = {
    ElementKind.DEVICE: "DeviceUnreachable",
    ElementKind.INTERFACE: "LinkDown",
    ElementKind.UPS: "UpsOnBattery",
    ElementKind.BGP: "BgpSessionDown",
    ElementKind.OSPF: "OspfNeighbourLost",
    ElementKind.SERVICE: "ServiceUnavailable",
    CARRIER.rstrip(":"): carriers.ALERT,
    POWER.rstrip(":"): power.ALERT,
}
_STATES: Final = select(
    ElementRow.element,
    ElementRow.kind,
    ElementRow.monitor,
    ElementRow.state,
    ElementRow.cause,
    ElementRow.since,
)
_OWNERS: Final = frozenset({ElementKind.DEVICE, ElementKind.SERVICE})
_IS_BAD: Final = or_(
    ElementRow.state == State.BAD,
    and_(ElementRow.kind == ElementKind.UPS, ElementRow.state == State.DEGRADED),
)
_BLIND: Final = frozenset({Cause.SNMP_SILENT, Cause.SNMP_AUTH_FAILED, Cause.SNMP_FAULTY})
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


def read(
    session: AnySession, ends: Mapping[str, str], watched: Collection[str] = frozenset()
) -> Reading:
    """Return all conditions that can open or close anything.

    `ends` maps an interface to the link it is an end of. Of parts (ports, sessions, UPS) only
    those that are bad are read and those of the faults `watched`: a province has a quarter of a
    million of them, and one that works says nothing about anything else.
    """
    heard = [each for each in merged(session) if _counts(each)]
    active = active_silences(session)
    silenced = {_key(each) for each in heard if silenced_by(active, each.labels)}
    living = service.living(session)
    rows = [*session.execute(_STATES.where(ElementRow.kind.in_(_OWNERS)))]
    parts = [each for each in _parts(watched, ends) if each.partition(":")[0] not in _OWNERS]
    is_part = ElementRow.kind.not_in(_OWNERS)
    rows += session.execute(
        _STATES.where(is_part, or_(_IS_BAD, ElementRow.element.in_(parts)))
    ).all()
    owners = {_owner(each.element) for each in heard}
    sights = {row.element: _sight(row, living) for row in rows if row.element in owners}
    alerts = [_alert(each, ends, sights.get(_owner(each.element))) for each in heard]
    return Reading((*_states(session, rows, living, ends), *alerts), frozenset(silenced))


def of_fault(session: AnySession, fault: str, ends: Mapping[str, str]) -> list[Condition]:
    """Return all conditions that one fault is made of; `ends` as for `read`."""
    heard = [_alert(each, ends, None) for each in merged(session) if _key(each) == fault]
    rows = session.execute(_STATES.where(ElementRow.element.in_(_parts({fault}, ends)))).all()
    return [*_states(session, rows, service.living(session), ends), *heard]


def _parts(faults: Collection[str], ends: Mapping[str, str]) -> set[str]:
    """Return the elements whose states make up `faults`: of a link its ports, else itself."""
    return {*faults, *(part for part, link in ends.items() if link in faults)}


def _counts(alert: MergedAlert) -> bool:
    labels = alert.labels
    return labels.get("severity") != "none" and labels.get("class", "") not in RAW_CLASSES


def _key(alert: MergedAlert) -> str:
    return f"{PREFIX}{alert.fingerprint}"


@dataclass(frozen=True, slots=True)
class _Sight:
    """Whether a device's or service's values are measured now, and since when."""

    is_clear: bool
    since: datetime


def _sight(row: Known, living: Collection[str]) -> _Sight:
    is_measured = row.state in (State.GOOD, State.DEGRADED) and row.cause not in _BLIND
    return _Sight(is_measured and row.monitor in living, row.since)


def _owner(element: str | None) -> str:
    kind, _, rest = (element or "").partition(":")
    if kind == ElementKind.SERVICE:
        return f"{kind}:{rest}"
    return f"{ElementKind.DEVICE}:{rest.partition(':')[0]}"


def _states(
    session: AnySession,
    rows: Iterable[Known],
    living: Collection[str],
    ends: Mapping[str, str],
) -> list[Condition]:
    checks = {row.element: row for row in session.scalars(select(Check))}
    found = []
    for row in rows:
        target = ends.get(row.element, row.element)
        if row.kind == ElementKind.INTERFACE and target == row.element:
            continue  # A port that leads to nothing drawn: its rules judge it, not its state.
        health = health_of(row.kind, row.state, row.cause)
        if health is Health.GOOD and row.monitor not in living:
            health = Health.UNKNOWN  # What was bad stays so: nothing measured says otherwise.
        condition = Condition(
            key=f"state:{row.element}",
            element=target,
            name=ALERT_NAMES.get(row.kind, "ElementDown"),
            severity="critical" if row.kind in _CRITICAL else "warning",
            health=health,
            since=row.since,
            measured_at=row.since,
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


def _alert(alert: MergedAlert, ends: Mapping[str, str], sight: _Sight | None) -> Condition:
    # One that names no element we know of still has to reach somebody: it stands for itself.
    element = alert.element or _key(alert)
    severity = alert.labels.get("severity", "")
    health, since = _HEALTH[alert.state], alert.since
    if health is Health.GOOD and sight is not None:
        # Prometheus also resolves what it lost sight of; only what is measured has recovered.
        health = Health.GOOD if sight.is_clear else Health.UNKNOWN
        since = max(since, sight.since)
    return Condition(
        key=_key(alert),
        element=ends.get(element, element),
        name=alert.labels["alertname"][:100],
        severity=severity if severity in SEVERITIES else "warning",
        health=health,
        since=since,
        measured_at=alert.received_at,
        blocks=False,
    )
