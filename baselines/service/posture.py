"""How a unit, a system, a level, a device or a rule stands at a date, and which way it goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import SQLColumnExpression, func, literal, select

from baselines import sampling
from baselines.models import AuditFinding, AuditRun
from baselines.service import standing
from baselines.service.reading import WHOLE, newest_runs, ratio, shown_verdict
from hatang import clock, scope
from hatang.auth import Permission
from hatang.gates import Verdict
from inventory.models import Device, Service, ServiceDevice, Site, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from baselines.sampling import Sample
    from baselines.service.reading import Part
    from hatang.auth import Actor
    from hatang.db import AnySession


class By(StrEnum):
    """What findings are added up by."""

    UNIT = "unit"
    SYSTEM = "system"
    LEVEL = "level"
    DEVICE = "device"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class PostureRow:
    """The findings of one group; `ratio` is None where nothing passed or failed.

    `devices` were audited, `not_collected` are in operation and were not.
    """

    key: str
    name: str
    ratio: float | None
    ratio_unwaived: float | None
    verdicts: Mapping[str, int]
    devices: int
    not_collected: int


@dataclass(frozen=True, slots=True)
class Point:
    """The score of a part of the province at a time, with how many failures stood."""

    at: datetime
    ratio: float | None
    failed: int
    waived: int
    unknown: int
    devices: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A device with the groups it is in; a level of None is not known."""

    name: str
    platform: str
    unit: tuple[str, str]
    systems: tuple[tuple[str, str], ...]
    level: int | None

    def groups(self, by: By) -> Sequence[tuple[str, str]]:
        if by is By.UNIT:
            return (self.unit,)
        if by is By.SYSTEM:
            return self.systems or (NOWHERE,)
        if by is By.LEVEL:
            return (NOWHERE if self.level is None else (str(self.level), str(self.level)),)
        return ((self.name, self.name),)


NOWHERE: Final = ("", "")
"""The group of devices that no system, or no system with a level, stands on."""


def posture(
    session: AnySession, actor: Actor, by: By, at: datetime | None = None
) -> list[PostureRow]:
    """Return the groups the actor sees as they stood at `at`: the worst first, unjudged ones last.

    Units, systems and levels of devices are today's; a device in several systems is in each.
    """
    if by is By.RULE:
        return _sorted(_by_rule(session, actor, at))
    places = _places(session, actor, at)
    counted = _by_device(session, actor, at)
    members: dict[tuple[str, str], list[int]] = {}
    for device, place in places.items():
        for group in place.groups(by):
            members.setdefault(group, []).append(device)
    return _sorted(
        _row(key, name, [counted.get(device) for device in devices])
        for (key, name), devices in members.items()
    )


def members(session: AnySession, actor: Actor, by: By, key: str, at: datetime | None) -> set[str]:
    """Return the names of the devices in operation of one group."""
    found = _places(session, actor, at).values()
    return {one.name for one in found if any(key == group for group, _ in one.groups(by))}


def trend(
    session: AnySession, actor: Actor, moments: Iterable[datetime], part: Part = WHOLE
) -> list[Point]:
    """Return how that part of what the actor sees stood at each of `moments`."""
    found = []
    for at in moments:
        counted = _by_device(session, actor, at, part)
        total = sum(counted.values(), Counter[str]())
        found.append(
            Point(
                at,
                ratio(total[Verdict.PASS], total[Verdict.FAIL]),
                total[Verdict.FAIL],
                total[Verdict.WAIVED],
                total[Verdict.UNKNOWN],
                len(counted),
            )
        )
    return found


def draw(
    session: AnySession,
    actor: Actor,
    n: int,
    seed: str,
    at: datetime | None = None,
    *,
    part: Part = WHOLE,
) -> Sample:
    """Draw `n` devices in operation by `seed`, stratified by unit and platform."""
    strata: dict[str, list[str]] = {}
    for place in _places(session, actor, at, part).values():
        strata.setdefault(f"{place.unit[0]} {place.platform}", []).append(place.name)
    return sampling.draw(strata, n, seed)


def _by_device(
    session: AnySession, actor: Actor, at: datetime | None, part: Part = WHOLE
) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    keys = Device.id, literal("")
    for device, _rule, verdict, count in _counted(session, actor, at, keys, part):
        found.setdefault(device, Counter())[verdict] += count
    return found


def _by_rule(session: AnySession, actor: Actor, at: datetime | None) -> list[PostureRow]:
    found: dict[str, Counter[str]] = {}
    keys = literal(0), AuditFinding.rule_id
    for _device, rule, verdict, count in _counted(session, actor, at, keys):
        found.setdefault(rule, Counter())[verdict] += count
    audited = len(_by_device(session, actor, at))
    absent = len(_places(session, actor, at)) - audited
    return [
        PostureRow(rule, rule, *_ratios(counts), dict(counts), counts.total(), absent)
        for rule, counts in found.items()
    ]


def _counted(
    session: AnySession,
    actor: Actor,
    at: datetime | None,
    keys: tuple[SQLColumnExpression[int], SQLColumnExpression[str]],
    part: Part = WHOLE,
) -> Iterable[tuple[int, str, str, int]]:
    device, rule = keys
    shown = shown_verdict(at or clock.now()).label("verdict")
    counted = (
        select(device.label("device"), rule.label("rule"), shown)
        .select_from(AuditFinding)
        .join(AuditRun, AuditRun.id == AuditFinding.run_id)
        .join(Device, Device.id == AuditRun.device_id)
        .where(newest_runs(actor, at), standing.counts(at), part.findings)
        .subquery()
    )
    columns = counted.c.device, counted.c.rule, counted.c.verdict
    statement = select(*columns, func.count()).group_by(*columns)
    for one in session.execute(statement):
        yield one[0], one[1], one[2], one[3]


def _row(key: str, name: str, counts: Sequence[Counter[str] | None]) -> PostureRow:
    audited = [one for one in counts if one is not None]
    total = sum(audited, Counter[str]())
    absent = len(counts) - len(audited)
    return PostureRow(key, name, *_ratios(total), dict(total), len(audited), absent)


def _ratios(counts: Counter[str]) -> tuple[float | None, float | None]:
    passed, failed = counts[Verdict.PASS], counts[Verdict.FAIL]
    return ratio(passed, failed), ratio(passed, failed + counts[Verdict.WAIVED])


def _sorted(rows: Iterable[PostureRow]) -> list[PostureRow]:
    return sorted(rows, key=lambda row: (row.ratio is None, row.ratio or 0.0, row.key))


def _places(
    session: AnySession, actor: Actor, at: datetime | None, part: Part = WHOLE
) -> dict[int, _Place]:
    acting = actor.acting(Permission.BASELINE_READ)
    used = (
        select(ServiceDevice.device_id, Service.code, Service.name, Service.level)
        .join(Service, Service.id == ServiceDevice.service_id)
        .where(scope.visible(acting, Service.scope_id))
        .order_by(Service.code)
    )
    systems: dict[int, list[tuple[str, str]]] = {}
    levels: dict[int, int] = {}
    for device, code, name, level in session.execute(used):
        systems.setdefault(device, []).append((code, name))
        if level is not None:
            levels[device] = max(level, levels.get(device, level))  # the highest one counts
    statement = (
        select(Device.id, Device.name, Device.platform, Unit.code, Unit.name)
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(scope.visible(acting, Device.scope_id), standing.counts(at), part.devices)
    )
    return {
        device: _Place(
            name, platform, (code, unit), tuple(systems.get(device, ())), levels.get(device)
        )
        for device, name, platform, code, unit in session.execute(statement)
    }
