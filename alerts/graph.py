"""What stands upstream of what, with redundancy, and what is cut off when something is bad.

Pure: no database, no clock. An element needs every one of its upstream groups; a group holds as
long as one of its members does, so two uplinks to one core are one group of two members.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

Groups = tuple[frozenset[str], ...]
_LAST: Final = float("inf")


class Health(StrEnum):
    """What the last measurement said; unknown is never good."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """What people call an element; `scope_id` decides who may see it."""

    element: str
    kind: str
    name: str
    site: str = ""
    scope_id: int | None = None
    people: int = 0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A carrier's circuit that a link runs over; both are elements."""

    carrier: str
    circuit: str


class TopologyView(Protocol):
    """The part of the inventory's topology that correlation needs."""

    def lines(self) -> Mapping[str, Line]:
        """Return the circuit of each link that has one."""
        ...

    def supplies(self) -> Mapping[str, str]:
        """Return the power company, as an element, of each site with a UPS where it is known."""
        ...

    def link_ends(self) -> Mapping[str, frozenset[str]]:
        """Return the devices at the ends of each link."""
        ...

    def elements(self) -> Iterable[ElementInfo]:
        """Return every element once."""
        ...

    def describe(self, element: str) -> ElementInfo:
        """Return what people call `element`; one nobody knows is called by its key."""
        ...

    def upstream_groups(self, element: str) -> Groups:
        """Return the groups `element` needs; empty for the root and for unknown elements."""
        ...


@dataclass(frozen=True, slots=True)
class Graph:
    """A topology frozen for one run, indexed both ways.

    A link stands in `ends` and has no groups: a dead device takes its links down, so a bad link
    says something only while the devices at its ends work. `lines` has the circuits of links,
    `supplies` the power companies of sites.
    """

    groups: Mapping[str, Groups]
    info: Mapping[str, ElementInfo] = field(default_factory=dict)
    dependents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
    supplies: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, view: TopologyView, parts: Iterable[str] = ()) -> Graph:
        """Read `view` once; `parts` are elements it knows only when asked for by name."""
        info = {each.element: each for each in view.elements()}
        lines, supplies = view.lines(), view.supplies()
        known = {name for line in lines.values() for name in (line.carrier, line.circuit)}
        known |= {*supplies.values(), *parts}
        info |= {part: view.describe(part) for part in known if part not in info}
        built = cls.from_groups({name: view.upstream_groups(name) for name in info}, info)
        return replace(built, ends=view.link_ends(), lines=lines, supplies=supplies)

    @classmethod
    def from_groups(
        cls, groups: Mapping[str, Groups], info: Mapping[str, ElementInfo] | None = None
    ) -> Graph:
        """Build a graph from `groups`; an empty group means nothing and is dropped."""
        kept = {name: tuple(group for group in each if group) for name, each in groups.items()}
        below: defaultdict[str, set[str]] = defaultdict(set)
        for name, each in kept.items():
            for group in each:
                for member in group:
                    below[member].add(name)
        frozen = {name: frozenset(names) for name, names in below.items()}
        return cls(kept, info or {}, frozen)

    def needing(self, cause: str, elements: Iterable[str]) -> Graph:
        """Return this graph with `cause` as one more thing that each of `elements` needs."""
        below = frozenset(elements)
        group = (frozenset((cause,)),)
        groups = {name: (*self.groups.get(name, ()), *group) for name in below}
        known = self.dependents.get(cause, frozenset()) | below
        return replace(
            self,
            groups={**self.groups, cause: (), **groups},
            dependents={**self.dependents, cause: known},
        )

    def upstream(self, element: str) -> frozenset[str]:
        """Return the elements directly upstream; for a link the devices at its ends."""
        return self.ends.get(element, frozenset()).union(*self.groups.get(element, ()))

    def measured_upstream(self, element: str, measured: Collection[str]) -> frozenset[str]:
        """Return the nearest elements upstream that anything measures.

        Passive things (a patch panel, an unmanaged switch) are looked through.
        """
        return _nearest(element, self.upstream, measured)

    def measured_downstream(self, element: str, measured: Collection[str]) -> frozenset[str]:
        """Return the nearest elements downstream that anything measures, looking through others."""
        return _nearest(element, lambda name: self.dependents.get(name, frozenset()), measured)


def _nearest(
    start: str, onward: Callable[[str], Iterable[str]], measured: Collection[str]
) -> frozenset[str]:
    found: set[str] = set()
    seen = {start}
    todo = deque(onward(start))
    while todo:
        name = todo.popleft()
        if name in seen:
            continue
        seen.add(name)
        if name in measured:
            found.add(name)
        else:
            todo.extend(onward(name))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is cut off, which bad elements are the roots of it, and what each root reaches."""

    graph: Graph
    elements: frozenset[str]
    roots: Mapping[str, frozenset[str]]
    reach: Mapping[str, frozenset[str]]

    def explained(self, element: str) -> bool:
        """Whether something upstream suffices to explain that `element` is bad."""
        return bool(self.roots.get(element, frozenset()) - {element})

    def below(self, root: str) -> frozenset[str]:
        """Return everything cut off by `root`, itself left out."""
        return self.reach.get(root, frozenset()) - {root}

    def degraded_by(self, root: str) -> frozenset[str]:
        """Return what still works but lost a leg of a redundancy group to `root`.

        What works though it lost a whole group shows that the map is wrong there, no more.
        """
        lost = {root, *self.below(root)}
        weakened: set[str] = set()
        for name in lost:
            for dependent in self.graph.dependents.get(name, frozenset()):
                groups = self.graph.groups.get(dependent, ())
                if dependent not in self.elements and any(
                    group & lost and not group <= lost for group in groups
                ):
                    weakened.add(dependent)
        return frozenset(weakened)


def cut(
    graph: Graph,
    health: Mapping[str, Health],
    since: Mapping[str, float],
    sure: Mapping[str, float] | None = None,
) -> Cut:
    """Return what the bad elements cut off and where each cut begins.

    `since` is when each element entered its health; where each explains the other, as in a ring,
    the first to turn bad is the cause. A good measurement beats the map: what answers is not cut
    off. `sure` is when each good element is last known to have answered, now where it is left
    out: an answer older than the loss of its ways says nothing.
    """
    down = {name for name, state in health.items() if state is Health.BAD}
    yielding = {name for name in down if graph.ends.get(name, frozenset()) & down}
    bad = down - yielding
    gone = _closure(graph, health, {name: since.get(name, _LAST) for name in bad}, sure or {})
    lost = {name: frozenset().union(*_lost_groups(graph, name, gone)) for name in gone}
    starts = {name for name in bad if not lost[name]}
    roots: dict[str, set[str]] = defaultdict(set)
    for start in sorted(starts):
        _spread(graph, lost, start, roots)
    for name in sorted(bad, key=lambda each: (since.get(each, _LAST), each)):
        if name not in roots:
            _spread(graph, lost, name, roots)
    for name in yielding:
        roots[name] = set().union(*(roots.get(end, set()) for end in graph.ends[name]))
    reach: dict[str, set[str]] = defaultdict(set)
    for name, each in roots.items():
        for root in each:
            reach[root].add(name)
    return Cut(graph, frozenset(gone), _frozen(roots), _frozen(reach))


def _frozen(sets: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(each) for name, each in sets.items()}


def _closure(
    graph: Graph, health: Mapping[str, Health], bad: Mapping[str, float], sure: Mapping[str, float]
) -> set[str]:
    """Return `bad` (with when each began) and what has no way left without it.

    Two that have only each other left hold nobody, unless the map shows them no other ground
    even with everything working: of those it knows too little.
    """
    doubted = _doubted(graph, health, bad, sure)
    groundless = doubted.keys() - _held(graph, doubted, bad.keys())
    gone = set(bad)
    if groundless:
        gone |= groundless & _held(graph, dict.fromkeys(bad) | doubted)
    todo = deque(gone)
    while todo:
        for name in graph.dependents.get(todo.popleft(), frozenset()):
            if name in doubted and name not in gone and _lost_groups(graph, name, gone):
                gone.add(name)
                todo.append(name)
    return gone


def _doubted(
    graph: Graph, health: Mapping[str, Health], bad: Mapping[str, float], sure: Mapping[str, float]
) -> dict[str, None]:
    """Return what stands below `bad` and was not heard of since the latest of those above it.

    The nearest come first: most are then judged once.
    """
    seen = set(bad)
    doubted: dict[str, None] = {}
    for start in sorted(bad, key=lambda each: -bad[each]):
        todo = deque([start])
        while todo:
            for name in graph.dependents.get(todo.popleft(), ()):
                if name in seen:
                    continue
                seen.add(name)
                if health.get(name) is Health.GOOD and sure.get(name, _LAST) >= bad[start]:
                    continue
                doubted[name] = None
                todo.append(name)
    return doubted


def _held(
    graph: Graph, doubted: Mapping[str, object], dead: AbstractSet[str] = frozenset()
) -> set[str]:
    """Return those of `doubted` that every group of theirs connects to what is beyond doubt."""
    held: set[str] = set()
    fallen: set[str] = set()
    without = {*doubted, *dead}
    todo = deque(doubted)
    while todo:
        name = todo.popleft()
        if any(group <= without for group in graph.groups.get(name, ())):
            fallen.add(name)
        else:
            held.add(name)
            without.discard(name)
            # Not by intersection: a set that shrank is as slow to walk as it was large.
            again = [each for each in graph.dependents.get(name, ()) if each in fallen]
            fallen.difference_update(again)
            todo.extend(again)
    return held


def _lost_groups(graph: Graph, element: str, gone: AbstractSet[str]) -> list[frozenset[str]]:
    return [group for group in graph.groups.get(element, ()) if group <= gone]


def _spread(
    graph: Graph, lost: Mapping[str, frozenset[str]], start: str, roots: dict[str, set[str]]
) -> None:
    """Note in `roots` what `start` took; `lost` has the members of the groups that each lost."""
    roots[start].add(start)
    todo = deque([start])
    while todo:
        upper = todo.popleft()
        for name in graph.dependents.get(upper, frozenset()):
            if upper in lost.get(name, ()) and start not in roots[name]:
                roots[name].add(start)
                todo.append(name)
