"""What shape a change has: its waves, who loses what if it goes wrong, how many must approve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang.errors import InvalidInputError, NotFoundError
from inventory import platforms
from inventory.choices import Safety
from inventory.models import Device, Site
from inventory.service.graphing import load_topology
from playbooks.changes import impacts
from playbooks.changes.rollout import Candidate, Neighbourhood, Rollout, compose
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hatang.db import AnySession, WriteSession

# From so many devices or sites on that would be cut off, two people besides the requester approve.
SECOND_AT_DEVICES: Final = 100
SECOND_AT_SITES: Final = 40


@dataclass(frozen=True, slots=True)
class Shape:
    """What planning works out of the topology; `waves` counts from 1 for each target's id."""

    waves: Mapping[int, int]
    impact: Mapping[str, Any]
    level: int

    def write(self, session: WriteSession, change: Change) -> None:
        """Write it down with the change and its devices."""
        for target_id, wave in self.waves.items():
            session.get_one(ChangeTarget, target_id).wave = wave
        change.waves = max(self.waves.values(), default=1)
        change.impact = dict(self.impact)
        change.level = self.level


def shape(session: AnySession, change_id: int) -> Shape:
    """Return the shape of a change as the topology is now.

    Raises:
        InvalidInputError: its only wave holds two legs of one pair; every such device.
    """
    change = session.get(Change, change_id)
    if change is None:
        raise NotFoundError(f"there is no change {change_id}")
    rows = session.execute(
        select(ChangeTarget.id, ChangeTarget.safety, Device.device_key, Device.name, Site.slug)
        .join(Device, Device.id == ChangeTarget.device_id)
        .join(Site, Site.id == Device.site_id)
        .where(ChangeTarget.change_id == change_id)
        .order_by(Device.name)
    ).all()
    topology = load_topology(session)
    names = {one.key: one.name or one.key for one in topology.network.devices}
    around = Neighbourhood(topology, names | {row.device_key: row.name for row in rows})
    rollout = Rollout(change.canary, change.batch, change.per_site)
    candidates = [Candidate(row.device_key, row.name, row.slug) for row in rows]
    waves, problems = compose(candidates, rollout, around)
    if problems:
        raise InvalidInputError(problems)
    number = {one.key: at for at, wave in enumerate(waves, 1) for one in wave}
    reloading = [row.device_key for row in rows if row.safety == Safety.RELOAD]
    booted = _booted_too(session, around, reloading)
    hit = {row.device_key: {row.device_key, *booted.get(row.device_key, ())} for row in rows}
    whole = around.together(set().union(*hit.values()))
    impact = {
        **impacts.told(whole),
        "reloads": sorted(
            {row.name for row in rows if row.device_key in reloading}
            | {name for members in booted.values() for name in members.values()}
        ),
        "waves": [
            impacts.counted(around.together(set().union(*(hit[one.key] for one in wave))))
            for wave in waves
        ],
    }
    is_wide = len(whole.devices) >= SECOND_AT_DEVICES or len(whole.sites) >= SECOND_AT_SITES
    return Shape({row.id: number[row.device_key] for row in rows}, impact, 2 if is_wide else 1)


def _booted_too(
    session: AnySession, around: Neighbourhood, reloading: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return what boots with each device that takes a change back by a boot, names by key.

    A cluster boots every member: those are the devices of its redundancy group that would take
    a change back the same way.
    """
    beside = {key: around.beside(key) for key in reloading}
    asked = set().union(*beside.values())
    rows = session.execute(
        select(Device.device_key, Device.name, Device.platform).where(Device.device_key.in_(asked))
    )
    boots = {
        row.device_key: row.name
        for row in rows
        if platforms.get(row.platform).safety is Safety.RELOAD
    }
    return {
        key: {one: boots[one] for one in members if one in boots} for key, members in beside.items()
    }
