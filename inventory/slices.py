"""What each vertex hides, read off the dominator tree as slices of arrays laid out once."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inventory.dominators import DominatorTree
    from inventory.network import Network


class Slices:
    """Devices and emptied sites behind any vertex of a network's graph.

    Vertex 0 is the vantage point, the devices follow in their order. A site is emptied by what
    dominates all its devices: by their lowest common ancestor in the tree, and all above that.
    """

    def __init__(self, network: Network, tree: DominatorTree) -> None:
        self._tree = tree
        count = len(network.devices)
        self._devices: list[str] = []
        self._before = [0]
        positions: dict[str, list[int]] = {}
        for position, vertex in enumerate(tree.order):
            if 0 < vertex <= count:
                device = network.devices[vertex - 1]
                self._devices.append(device.key)
                positions.setdefault(device.site, []).append(position)
            self._before.append(len(self._devices))
        emptied = sorted((self._above(where), site) for site, where in positions.items())
        self._at = [position for position, _ in emptied]
        self._sites = [site for _, site in emptied]

    def behind(self, vertex: int) -> tuple[frozenset[str], frozenset[str]]:
        """Return the devices hidden when `vertex` fails, itself among them, and the sites."""
        if not self._tree.is_reachable(vertex):
            return frozenset(), frozenset()
        start = self._tree.position[vertex]
        end = start + self._tree.size[vertex]
        devices = self._devices[self._before[start] : self._before[end]]
        sites = self._sites[bisect_left(self._at, start) : bisect_left(self._at, end)]
        return frozenset(devices), frozenset(sites)

    def _above(self, positions: list[int]) -> int:
        """Return the position of the lowest vertex whose slice holds all these, sorted."""
        tree = self._tree
        vertex = tree.order[positions[0]]
        while positions[-1] >= tree.position[vertex] + tree.size[vertex]:
            vertex = tree.immediate[vertex]
        return tree.position[vertex]
