"""The shortest way between two vertices of an undirected graph, searched from both ends.

Meeting in the middle (Pohl 1971) keeps the search small where one vertex, a core with thousands of
neighbours, would otherwise be unfolded whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_Came = dict[int, int]


def shortest(
    adjacency: Sequence[Sequence[int]], start: int, goal: int, failed: Collection[int] = ()
) -> tuple[int, ...]:
    """Return the vertices from `start` to `goal`, both included, over the fewest edges.

    Vertices in `failed` are not passed. Empty when no way is left; among several equally short ways
    the choice is the same at every call.
    """
    if start in failed or goal in failed:
        return ()
    if start == goal:
        return (start,)
    near: _Came = {start: start}
    far: _Came = {goal: goal}
    at_near, at_far = [start], [goal]
    while at_near and at_far:
        if len(at_near) <= len(at_far):
            at_near, met = _grow(adjacency, at_near, (near, far), failed)
        else:
            at_far, met = _grow(adjacency, at_far, (far, near), failed)
        if met is not None:
            return (*reversed(_trail(near, met)), *_trail(far, met)[1:])
    return ()


def _grow(
    adjacency: Sequence[Sequence[int]],
    edge: list[int],
    sides: tuple[_Came, _Came],
    failed: Collection[int],
) -> tuple[list[int], int | None]:
    """Take one step from every vertex of `edge`; return the next edge and where the sides met."""
    came, other = sides
    grown = []
    for vertex in edge:
        for beside in adjacency[vertex]:
            if beside in came or beside in failed:
                continue
            came[beside] = vertex
            if beside in other:
                return [], beside
            grown.append(beside)
    return grown, None


def _trail(came: _Came, vertex: int) -> list[int]:
    trail = [vertex]
    while came[vertex] != vertex:
        vertex = came[vertex]
        trail.append(vertex)
    return trail
