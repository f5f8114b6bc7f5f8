"""A pretended province: what is broken, and therefore what a poller would measure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alerts.correlation import (
    Book,
    Condition,
    OpenIncident,
    Outcome,
    Policy,
    Situation,
    correlate,
    faults_of,
)
from alerts.graph import Graph, Groups, Health

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass
class Province:
    """Holds the truth, the measurements taken of it and the book of incidents."""

    groups: dict[str, Groups]
    policy: Policy = field(default_factory=Policy)
    now: datetime = START
    broken: set[str] = field(default_factory=set)
    maintenance: set[str] = field(default_factory=set)
    measured: dict[str, Condition] = field(default_factory=dict)
    book: Book = field(default_factory=Book)
    cause: dict[int, str] = field(default_factory=dict)
    paged: list[int] = field(default_factory=list)
    recovered: list[int] = field(default_factory=list)

    def reachable(self, name: str, trail: frozenset[str] = frozenset()) -> bool:
        """Whether a packet gets there and back: the brute-force oracle."""
        if name in self.broken or name in trail:
            return False
        return self.upstream_fine(name, trail)

    def upstream_fine(self, name: str, trail: frozenset[str] = frozenset()) -> bool:
        """Whether everything `name` needs is reachable."""
        way = trail | {name}
        return all(
            any(self.reachable(each, way) for each in group) for group in self.groups.get(name, ())
        )

    def independent_causes(self) -> set[str]:
        """Return the broken elements that a repair of nothing else would mend."""
        return {name for name in self.broken if self.upstream_fine(name)}

    def measure(self, *names: str) -> None:
        """Poll `names` (all when none is named) and keep what they say."""
        for name in names or tuple(self.groups):
            self.put(name, Health.GOOD if self.reachable(name) else Health.BAD)

    def put(self, name: str, health: Health) -> None:
        """Keep `health` as if it had been measured now."""
        before = self.measured.get(name)
        since = before.since if before and before.health is health else self.now
        key, alert = f"state:{name}", "ElementDown"
        self.measured[name] = Condition(key, name, alert, "critical", health, since, self.now)

    def step(self) -> Outcome:
        """Run the correlation until it asks for no more measurements, and keep the book."""
        outcome = self._correlate()
        for _ in self.groups:
            if not outcome.verify:
                break
            self.measure(*outcome.verify)
            outcome = self._correlate()
        self._keep(outcome)
        return outcome

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def settle(self, rounds: int = 8) -> None:
        """Poll and step until nothing can still be waiting."""
        for _ in range(rounds):
            self.measure()
            self.step()
            self.pass_time(11)

    def open_causes(self) -> set[str]:
        """Return the elements named as cause by open incidents."""
        return {each.fault for each in self.book.incidents}

    def _correlate(self) -> Outcome:
        faults = faults_of(self.measured.values())
        graph = Graph.from_groups(self.groups)
        away = frozenset(self.maintenance)
        return correlate(Situation(graph, faults, away, self.now, self.policy), self.book)

    def _keep(self, outcome: Outcome) -> None:
        moved = {each.number: each.fault.key for each in outcome.moved}
        kept = [
            replace(each, fault=moved.get(each.number, each.fault))
            for each in self.book.incidents
            if each.number not in outcome.resolved
        ]
        self.recovered += outcome.resolved
        for opening in outcome.opened:
            number = len(self.paged) + 1
            self.paged.append(number)
            self.cause[number] = opening.fault.element
            kept.append(OpenIncident(number, opening.fault.key, self.now, opening.verified))
        self.book = Book(tuple(kept), dict(outcome.pending))


def groups(**upstream: str) -> dict[str, Groups]:
    """Build groups from `child="a|b c"`: needs one of a and b, and c; others are roots."""
    found: dict[str, Groups] = {}
    for child, text in upstream.items():
        found[child] = tuple(frozenset(group.split("|")) for group in text.split())
    return found
