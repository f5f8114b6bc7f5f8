"""What comes back to itself along one kind of reference: a unit below itself, a service that waits
for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from inventory.choices import ElementKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.errors import Problem
    from inventory.records import Fields, Records
    from inventory.snapshot import Snapshot

Graph = dict[str, set[str]]


class _Loop(NamedTuple):
    kind: ElementKind
    field: str
    message: str
    fix: str


_BELOW: Final = "Give a parent that is not below it."
_LOOPS: Final = (
    _Loop(ElementKind.UNIT, "parent", "makes the unit its own superior", _BELOW),
    _Loop(ElementKind.LOCATION, "parent", "makes the location a part of itself", _BELOW),
    _Loop(ElementKind.INTERFACE, "parent", "makes the interface its own parent", _BELOW),
    _Loop(ElementKind.INTERFACE, "lag", "makes the interface its own member", "Give the bundle."),
    _Loop(
        ElementKind.SERVICE,
        "depends_on",
        "makes the service wait for itself",
        "Name only what it cannot do without.",
    ),
)


def check(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield a problem for each record that closes a circle."""
    for loop in _LOOPS:
        asked = records.of(loop.kind)
        if not any(loop.field in one.fields for one in asked.values()):
            continue
        graph = _graph(loop.field, snapshot.fields.get(loop.kind, {}))
        graph |= _graph(loop.field, {key: one.fields for key, one in asked.items()})
        for key in _circling(graph):
            if key in asked and loop.field in asked[key].fields:
                value = asked[key].fields[loop.field]
                shown = ", ".join(value) if isinstance(value, list) else value
                yield asked[key].problem(records.where, loop.field, shown, loop.message, loop.fix)


def _graph(field: str, elements: dict[str, Fields]) -> Graph:
    graph: Graph = {}
    for key, fields in elements.items():
        value = fields.get(field)
        if isinstance(value, list):  # a list that names its owner is blamed by itself
            graph[key] = set(value) - {key}
        elif field in fields:
            graph[key] = set() if value is None else {value}
    return graph


def _circling(graph: Graph) -> list[str]:
    """Return what reaches itself; what leads nowhere is peeled off first, so little is walked."""
    waiting = {key: set(targets) & graph.keys() for key, targets in graph.items()}
    sources: dict[str, list[str]] = {}
    for key, targets in waiting.items():
        for target in targets:
            sources.setdefault(target, []).append(key)
    ends = [key for key, targets in waiting.items() if not targets]
    while ends:
        end = ends.pop()
        del waiting[end]
        for source in sources.get(end, ()):
            if source in waiting:
                waiting[source].discard(end)
                if not waiting[source]:
                    ends.append(source)
    return [key for key in waiting if _reaches_itself(waiting, key)]


def _reaches_itself(graph: Graph, start: str) -> bool:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        for target in graph.get(ahead.pop(), ()):
            if target == start:
                return True
            if target not in seen:
                seen.add(target)
                ahead.append(target)
    return False
