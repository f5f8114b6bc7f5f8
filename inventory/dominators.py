"""Single points of failure of an undirected graph, in one walk.

A vertex d dominates v when every path from the root to v runs through d; in an undirected graph
the immediate dominator of v is the cut vertex that heads v's block (biconnected component) on the
side of the root (Tarjan 1972, Hopcroft and Tarjan 1973), so one depth-first walk finds all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NONE: Final = -1


@dataclass(frozen=True, slots=True)
class DominatorTree:
    """Immediate dominators by vertex, and the tree they form laid out as one array.

    `immediate[v]` is `NONE` for the root and for what cannot be reached from it.
    """

    immediate: list[int]
    order: list[int]
    position: list[int]
    size: list[int]

    def is_reachable(self, vertex: int) -> bool:
        """Return whether a path from the root to `vertex` exists."""
        return self.position[vertex] != NONE

    def above(self, vertex: int) -> Iterator[int]:
        """Yield the dominators of `vertex`, nearest first, the root last, itself never."""
        above = self.immediate[vertex]
        while above != NONE:
            yield above
            above = self.immediate[above]

    def below(self, vertex: int) -> list[int]:
        """Return all that is cut off when `vertex` fails, itself first."""
        start = self.position[vertex]
        return [] if start == NONE else self.order[start : start + self.size[vertex]]

    def tops(self, vertices: Iterable[int]) -> list[int]:
        """Return those of the reachable `vertices` that none of the others dominates."""
        found: list[int] = []
        for vertex in sorted(vertices, key=self.position.__getitem__):
            start = self.position[vertex]
            if start == NONE or (found and start < self.position[found[-1]] + self.size[found[-1]]):
                continue
            found.append(vertex)
        return found


def dominator_tree(adjacency: Sequence[Sequence[int]], root: int) -> DominatorTree:
    """Return the dominator tree of the simple undirected graph `adjacency` seen from `root`."""
    immediate, walked = _immediate_dominators(adjacency, root)
    order, size = _layout(immediate, walked, root)
    position = [NONE] * len(adjacency)
    for index, vertex in enumerate(order):
        position[vertex] = index
    return DominatorTree(immediate, order, position, size)


def _immediate_dominators(
    adjacency: Sequence[Sequence[int]], root: int
) -> tuple[list[int], list[int]]:
    count = len(adjacency)
    discovered, low, parent = [NONE] * count, [0] * count, [NONE] * count
    immediate = [NONE] * count
    neighbours = [iter(()) if not near else iter(near) for near in adjacency]
    discovered[root] = 0
    walked, path, block = [root], [root], []
    while path:
        vertex = path[-1]
        for near in neighbours[vertex]:
            if discovered[near] == NONE:
                discovered[near] = low[near] = len(walked)
                parent[near] = vertex
                walked.append(near)
                path.append(near)
                block.append(near)
                break
            if near != parent[vertex] and discovered[near] < low[vertex]:
                low[vertex] = discovered[near]
        else:
            path.pop()
            if path:
                _close(vertex, path[-1], discovered, low, (block, immediate))
    return immediate, walked


def _close(
    vertex: int,
    head: int,
    discovered: list[int],
    low: list[int],
    found: tuple[list[int], list[int]],
) -> None:
    """Leave `vertex` for its parent `head`; when a block ends here, `head` dominates all of it."""
    if low[vertex] < discovered[head]:
        low[head] = min(low[head], low[vertex])
        return
    block, immediate = found
    while True:
        member = block.pop()
        immediate[member] = head
        if member == vertex:
            return


def _layout(immediate: list[int], walked: list[int], root: int) -> tuple[list[int], list[int]]:
    """Lay the tree out so that each subtree is one slice: `order`, and the slices' sizes."""
    children: dict[int, list[int]] = {}
    for vertex in walked:
        if vertex != root:
            children.setdefault(immediate[vertex], []).append(vertex)
    order, stack = [], [root]
    while stack:
        vertex = stack.pop()
        order.append(vertex)
        stack.extend(children.get(vertex, ()))
    size = [1] * len(immediate)
    for vertex in reversed(order):
        if immediate[vertex] != NONE:
            size[immediate[vertex]] += size[vertex]
    return order, size
