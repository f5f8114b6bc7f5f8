"""Where sites stand on the drawing of the network: rings around the data centre.

A radial tree drawing (Eades 1992): each site gets a slice of the circle as wide as what hangs on
it, so that no two branches cross, and the ring it stands on says how many links away it is. Where
hundreds stand on a ring, those at the ends take turns in a few rows: the circle stays small enough
to be seen whole.
"""

from __future__ import annotations

from collections import deque
from math import cos, pi, sin
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Point = tuple[float, float]
RING: Final = 220.0
"""Least distance between two rings, in pixels at full size."""
ROOM: Final = 34.0
"""Room along a ring that one site needs, in pixels at full size."""
MANY: Final = 160
"""With more ends of branches than this, they stand in rows: one row would be a thin, wide hoop."""
ROWS: Final = 4
STEP: Final = 1.5 * ROOM
"""From one row to the next, in pixels at full size."""


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
    radius = _radii(depth, leaves, rows)
    placed: dict[str, Point] = {}
    stack = [(root, share) for root, share in _slices(tops, leaves, (0.0, slot * whole))]
    while stack:
        site, (start, end) = stack.pop()
        angle = (start + end) / 2
        far = radius[depth[site]]
        if site not in below and depth[site]:
            far += round(start / slot) % rows * STEP
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
    count: dict[str, int] = {}
    for site in sorted(depth, key=lambda one: -depth[one]):
        count[site] = sum(count[child] for child in below.get(site, ())) or 1
    return count


def _radii(depth: Mapping[str, int], leaves: Mapping[str, int], rows: int) -> list[float]:
    """Return each ring's distance from the middle: wide enough for all that stand on it."""
    tops = _tops(depth)
    whole = sum(leaves[top] for top in tops)
    radii = [0.0 if len(tops) == 1 else len(tops) * ROOM / (2 * pi)]
    for ring in range(1, max(depth.values(), default=0) + 1):
        narrowest = min(leaves[site] for site, steps in depth.items() if steps == ring)
        needed = ROOM * whole / narrowest / (2 * pi) / rows
        radii.append(max(radii[-1] + RING + (rows - 1) * STEP * (ring > 1), needed))
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
