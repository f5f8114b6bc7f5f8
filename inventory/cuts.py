"""What loses its last path to the root when several vertices of a graph fail together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# Searches that come near the root end there: so many vertices around it are unfolded first.
_AROUND_ROOT: Final = 1000


def cut_off(adjacency: Sequence[Sequence[int]], root: int, failed: Collection[int]) -> set[int]:
    """Return the vertices that reach `root` no more without `failed`, those themselves included.

    `failed` must be reachable from `root` in the whole graph. Only what lies around them is looked
    at, and no vertex twice, so that a commune costs microseconds in a graph of thousands.
    """
    kept = _around(adjacency, root, failed)
    cut = set(failed)
    for vertex in failed:
        for near in adjacency[vertex]:
            if near not in kept and near not in cut:
                part, is_kept = _part(adjacency, near, failed, kept)
                (kept if is_kept else cut).update(part)
    return cut


def _around(adjacency: Sequence[Sequence[int]], root: int, failed: Collection[int]) -> set[int]:
    seen, edge = {root}, [root]
    while edge and len(seen) < _AROUND_ROOT:
        grown = [near for vertex in edge for near in adjacency[vertex] if near not in failed]
        edge = [vertex for vertex in dict.fromkeys(grown) if vertex not in seen]
        seen.update(edge)
    return seen


def _part(
    adjacency: Sequence[Sequence[int]], start: int, failed: Collection[int], kept: set[int]
) -> tuple[set[int], bool]:
    """Return what hangs together with `start`, or as much of it as was seen before `kept`."""
    seen, stack = {start}, [start]
    while stack:
        for near in adjacency[stack.pop()]:
            if near in kept:
                return seen, True
            if near not in seen and near not in failed:
                seen.add(near)
                stack.append(near)
    return seen, False
