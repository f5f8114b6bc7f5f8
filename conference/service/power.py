"""What feeds a point: the UPS at its site, as the monitors read it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from conference.choices import Check, CheckResult
from conference.readiness import Outcome
from inventory.models import Device, Site
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State
from monitors.watched import WATCHED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from conference.service.meetings import PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession

ROLE: Final = "ups"
_RESULTS: Final = {
    State.GOOD: CheckResult.PASS,
    State.DEGRADED: CheckResult.WARN,
    State.BAD: CheckResult.FAIL,
}
_ORDER: Final = (CheckResult.FAIL, CheckResult.UNKNOWN, CheckResult.WARN, CheckResult.PASS)


@dataclass(frozen=True, slots=True)
class Supply:
    """A UPS at a site, its state now, and since when that holds."""

    device: str
    state: State
    cause: str
    since: str | None


def read(session: AnySession, actor: Actor, sites: Collection[str]) -> dict[str, list[Supply]]:
    """Return the UPSes at `sites` by site; one that nobody measures is unknown.

    One that is retired or only planned feeds nothing.
    """
    told = {
        one.element.owner: one for one in monitors.list_status(session, actor, kind=ElementKind.UPS)
    }
    devices = (
        select(Device.device_key, Device.name, Device.role, Site.slug)
        .join(Site, Site.id == Device.site_id)
        .where(Site.slug.in_(sites), or_(Device.role == ROLE, Device.device_key.in_(told)))
        .where(Device.status.in_(WATCHED))
        .order_by(Device.name)
    )
    found: dict[str, list[Supply]] = defaultdict(list)
    for key, name, role, site in session.execute(devices):
        seen = told.get(key)
        if seen is not None:
            since = None if seen.since is None else seen.since.isoformat()
            found[site].append(Supply(name, seen.state, seen.cause, since))
        elif role == ROLE:
            found[site].append(Supply(name, State.UNKNOWN, Cause.NEVER_MEASURED, None))
    return found


def power(points: Sequence[PointRow], supplies: Mapping[str, Sequence[Supply]]) -> list[Outcome]:
    """Return what feeds each point: mains pass, a battery is at risk, a low one fails."""
    return [_power(point, supplies.get(point.site, ())) for point in points]


def _power(point: PointRow, own: Sequence[Supply]) -> Outcome:
    if not own:
        return Outcome(point.room, Check.POWER, CheckResult.SKIP, "no UPS is measured there")
    graded = [(_RESULTS.get(one.state, CheckResult.UNKNOWN), one) for one in own]
    result, worst = min(graded, key=lambda pair: _ORDER.index(pair[0]))
    cause = "" if result is CheckResult.PASS else f"UPS {worst.device}: {worst.cause}"
    measured = {"ups": worst.device, "state": worst.state, "since": worst.since}
    return Outcome(point.room, Check.POWER, result, cause, measured)
