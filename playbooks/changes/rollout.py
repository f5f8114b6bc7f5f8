"""In which order devices have their turn: a few first, then batches, never both legs of a pair.

The canaries are the devices whose loss would hurt least. Two devices that stand in for each other,
by a redundancy group or because together they hide what neither hides alone, never share a wave.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from inventory.impact import Impact
    from inventory.topology import Topology

MAX_SOAK_SECONDS: Final = 24 * 3600
CANARIES: Final = 1
BATCH: Final = 50
FEW: Final = 3  # so many devices need no canary unless one is asked for


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a change spreads.

    `canary` devices go first (0: none), then `batch` at a time (0: all the rest), at most
    `per_site` of one site in a wave (0: any number). After each wave `soak_seconds` pass; with
    `is_gated` the next one begins only where the measured health is no worse than before.
    """

    canary: int = 0
    batch: int = 0
    per_site: int = 0
    soak_seconds: int = 0
    is_gated: bool = True

    @classmethod
    def usual(cls, devices: int) -> Rollout:
        """Return how a change of so many devices spreads when nobody says otherwise."""
        if devices <= FEW:
            return cls()
        return cls(canary=CANARIES, batch=BATCH, soak_seconds=0 if devices <= BATCH else 60)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the numbers."""
        for name in ("canary", "batch", "per_site", "soak_seconds"):
            value = getattr(self, name)
            if value < 0:
                yield Problem("change", name, str(value), "is negative", "Give 0 or more.")
        if self.soak_seconds > MAX_SOAK_SECONDS:
            fix = f"Give at most {MAX_SOAK_SECONDS}."
            shown = str(self.soak_seconds)
            yield Problem("change", "soak_seconds", shown, "is too long", fix)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that waits for a wave; `key` is its `device_key`."""

    key: str
    name: str
    site: str


class Neighbourhood:
    """What the topology says of devices that fail together."""

    def __init__(self, topology: Topology, names: Mapping[str, str]) -> None:
        self._topology = topology
        self._names = names
        self._known = {device.key for device in topology.network.devices}
        self._alone: dict[str, Impact] = {}
        links = topology.network.links
        self._cables = Counter(end for link in links for end in (link.a, link.z))
        self._groups: dict[str, set[str]] = {}
        for group in topology.network.groups:
            for device in group.devices:
                self._groups.setdefault(device, set()).add(group.key)

    def together(self, keys: Iterable[str]) -> Impact:
        """Return who loses what when all these fail; a device not in operation hides nothing."""
        return self._topology.affected_together([key for key in keys if key in self._known])

    def beside(self, key: str) -> frozenset[str]:
        """Return the other devices of the redundancy groups a device stands in."""
        mine = self._groups.get(key, set())
        return frozenset(
            other for other, groups in self._groups.items() if other != key and groups & mine
        )

    def weight(self, key: str) -> tuple[int, int, int, int]:
        """Return how much hangs on a device: the least goes first, its cables decide last."""
        impact = self._single(key)
        return len(impact.devices), len(impact.services), impact.people or 0, self._cables[key]

    def quarrel(self, wave: Sequence[str], key: str) -> str:
        """Return why `key` may not join `wave`, empty when it may."""
        for other in wave:
            shared = self._groups.get(key, set()) & self._groups.get(other, set())
            if shared:
                return f"{self._names.get(other, other)} is in redundancy group {min(shared)} too"
        if key not in self._known or not wave:
            return ""
        known = [one for one in wave if one in self._known]
        if not known:
            return ""
        joint = self._topology.affected_together([*known, key])
        parts = [self._topology.affected_together(known), self._single(key)]
        lost = joint.devices.difference(*(part.devices for part in parts))
        if lost:
            first = min(self._names.get(one, one) for one in lost)
            with_whom = ", ".join(sorted(self._names.get(one, one) for one in wave)[:3])
            return f"with {with_whom} it would cut off {first}, which neither does alone"
        services = joint.services.difference(*(part.services for part in parts))
        return f"together they carry the service {min(services)}" if services else ""

    def _single(self, key: str) -> Impact:
        if key not in self._alone:
            self._alone[key] = self.together([key])
        return self._alone[key]


def compose(
    devices: Iterable[Candidate], rollout: Rollout, around: Neighbourhood
) -> tuple[list[list[Candidate]], list[Problem]]:
    """Return the waves, and what refuses them: two legs in the only wave there is."""
    waiting = sorted(devices, key=lambda one: (around.weight(one.key), one.name))
    waves: list[list[Candidate]] = []
    if rollout.canary:
        waves.append([])
        rest = []
        for one in waiting:
            is_full = len(waves[0]) >= rollout.canary
            if is_full or not _fits(waves[0], one, rollout, around):
                rest.append(one)
            else:
                waves[0].append(one)
        waiting = rest
    first = len(waves)
    problems = []
    for one in waiting:
        wave = _place(waves[first:], one, rollout, around)
        if wave is None and not rollout.batch and len(waves) > first and not rollout.per_site:
            why = around.quarrel([other.key for other in waves[first]], one.key)
            fix = "Give a batch, so that they have their turn in different waves."
            problems.append(Problem("change", "batch", one.name, why, fix))
        elif wave is None:
            waves.append([one])
        else:
            wave.append(one)
    return waves, problems


def _place(
    waves: list[list[Candidate]], one: Candidate, rollout: Rollout, around: Neighbourhood
) -> list[Candidate] | None:
    for wave in waves:
        has_room = not rollout.batch or len(wave) < rollout.batch
        if has_room and _fits(wave, one, rollout, around):
            return wave
    return None


def _fits(wave: list[Candidate], one: Candidate, rollout: Rollout, around: Neighbourhood) -> bool:
    at_site = sum(other.site == one.site for other in wave)
    if rollout.per_site and at_site >= rollout.per_site:
        return False
    return not around.quarrel([other.key for other in wave], one.key)
