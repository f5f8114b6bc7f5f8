"""Where sites stand on the drawing of the network: rings around the data centre.

A radial tree drawing (Eades 1992): each site gets a slice of the circle as wide as what hangs on
it, so that no two branches cross, and the ring it stands on says how many links away it is. Where
hundreds stand on a ring, those at the ends take turns in rows: the circle stays small enough to be
seen whole, on a phone too.
"""

from __future__ import annotations

from collections import deque
from math import cos, pi, sin
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Point = tuple[float, float]
RING: Final = 160.0
"""Least distance between two rings, in pixels at full size."""
ROOM: Final = 34.0
"""Room that one site needs along a ring and from one row to the next, in pixels at full size."""
HUB_ROOM: Final = 44.0
"""Room along a ring of a site that others hang on: it is drawn larger."""
MANY: Final = 160
"""With more ends of branches than this, they stand in rows: one row would be a thin, wide hoop."""
ROWS: Final = 8
EARLY: Final = 3
"""How many times the slice of an end that stands further in than others: inner rings are short."""


def rings(near: Mapping[str, Iterable[str]], roots: Iterable[str]) -> dict[str, Point]:
    """Return a place for every site that a link leads to from `roots`; others are left out.

    `near` gives each site's neighbours. The same network is always drawn in the same way.
    """
    below, depth = _tree(near, sorted(roots))
    leaves = _leaves(below, depth)
    tops = _tops(depth)
    whole = sum(leaves[top] for top in tops)
    rows = ROWS if whole > MANY else 1
    # As many slots as make each row come round evenly.
    slot = 2 * pi / (-(-whole // rows) * rows or 1)
    radius = _radii(depth, leaves, below, rows)
    placed: dict[str, Point] = {}
    stack = [(root, share) for root, share in _slices(tops, leaves, (0.0, slot * whole))]
    while stack:
        site, (start, end) = stack.pop()
        angle = (start + end) / 2
        far = radius[depth[site]]
        if site not in below and depth[site]:
            far += round(start / slot) % rows * ROOM
        placed[site] = (round(far * cos(angle), 1), round(far * sin(angle), 1))
        stack.extend(_slices(below.get(site, []), leaves, (start, end)))
    return placed


def _tops(depth: Mapping[str, int]) -> list[str]:
    return [site for site, steps in depth.items() if steps == 0]


def _tree(
    near: Mapping[str, Iterable[str]], roots: list[str]
) -> tuple[dict[str, list[str]], dict[str, int]]:
    depth = dict.fromkeys(roots, 0)
    below: dict[str, list[str]] = {}
    waiting = deque(roots)
    while waiting:
        site = waiting.popleft()
        for other in sorted(near.get(site, ())):
            if other not in depth:
                depth[other] = depth[site] + 1
                below.setdefault(site, []).append(other)
                waiting.append(other)
    return below, depth


def _leaves(below: Mapping[str, list[str]], depth: Mapping[str, int]) -> dict[str, int]:
    """Return how many slots each site takes up: those of what hangs on it."""
    count: dict[str, int] = {}
    deepest = max(depth.values(), default=0)
    for site in sorted(depth, key=lambda one: -depth[one]):
        end = 1 if depth[site] == deepest else EARLY
        count[site] = sum(count[child] for child in below.get(site, ())) or end
    return count


def _radii(
    depth: Mapping[str, int], leaves: Mapping[str, int], below: Mapping[str, list[str]], rows: int
) -> list[float]:
    """Return each ring's distance from the middle: wide enough for all that stand on it."""
    tops = _tops(depth)
    whole = sum(leaves[top] for top in tops)
    radii = [0.0 if len(tops) == 1 else len(tops) * ROOM / (2 * pi)]
    stood = 0.0
    for ring in range(1, max(depth.values(), default=0) + 1):
        here = [site for site, steps in depth.items() if steps == ring]
        ends = [leaves[site] for site in here if site not in below]
        hubs = [leaves[site] for site in here if site in below]
        wide = ROOM / rows * whole / min(ends) if ends else 0.0
        wide = max(wide, HUB_ROOM * whole / min(hubs) if hubs else 0.0)
        radii.append(max(radii[-1] + RING + stood, wide / (2 * pi)))
        stood = (rows - 1) * ROOM if ends else 0.0
    return radii


def _slices(
    sites: list[str], leaves: Mapping[str, int], share: tuple[float, float]
) -> Iterable[tuple[str, tuple[float, float]]]:
    whole = sum(leaves[site] for site in sites)
    start, end = share
    at = start
    for site in sites:
        width = (end - start) * leaves[site] / whole
        yield site, (at, at + width)
        at += width
