"""A site's own devices as a drawing: what leads away on top, then row by row what hangs on what.

A layered drawing: the row a device stands on says how many cables it is from the way out.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from inventory.network import LinkEdge
    from inventory.rows import DeviceRow
    from inventory.topology import Topology
    from monitors.choices import State

PER_ROW: Final = 6
WIDTH: Final = 150
HEIGHT: Final = 44
APART: Final = 20
BETWEEN: Final = 46
"""Pixels: a box, from one to the next, and from a row to the next, where the cables run."""
MOST_DEVICES: Final = 140
MOST_WAYS_OUT: Final = 14
"""More is no drawing but a carpet; the list beneath has them all."""

_PARTS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Box:
    """A device of the site, or (`device` None) the site that a cable leads to.

    `site` is None for one the asker may not see. Its place is that of its upper left corner.
    """

    x: int
    y: int
    device: DeviceRow | None = None
    state: State | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A cable from the upper box to the lower, in pixels; `is_assumed` when nobody drew it."""

    x1: int
    y1: int
    x2: int
    y2: int
    is_assumed: bool
    circuits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The drawing and its size in pixels; `loose` are devices no cable leads to."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    loose: tuple[DeviceRow, ...]
    more_devices: int
    more_ways_out: int


def wiring(
    topology: Topology,
    devices: Sequence[DeviceRow],
    seen: Mapping[str, str],
    state: Callable[[DeviceRow], State],
) -> Wiring | None:
    """Return the drawing of a site's `devices`; None where no cable is known.

    `seen` are the sites the asker may see: others are drawn without a name.
    """
    own = {device.device_key: device for device in sorted(devices, key=_as_counted)}
    inside = [one for one in topology.network.links if one.a in own and one.z in own]
    out = _ways_out(topology, own, seen)
    joined = {end for link in inside for end in (link.a, link.z)} | {key for key, _ in out}
    if not joined:
        return None
    rows = _rows(inside, {key for key, _ in out}, [key for key in own if key in joined])
    kept = [key for row in rows for key in row][:MOST_DEVICES]
    exits = list(dict.fromkeys(far for _, far in out))
    shown = exits[:MOST_WAYS_OUT]
    top = _cut([_outward(index) for index in range(len(shown))])
    places = dict(_placed([*top, *_cut_rows(rows, set(kept))]))
    boxes = [Box(*places[_outward(index)], site=far) for index, far in enumerate(shown)]
    boxes += [Box(*places[key], own[key], state(own[key]), None) for key in kept]
    lines = [*_lines_inside(inside, places), *_lines_out(out, shown, places)]
    return Wiring(
        max(box.x for box in boxes) + WIDTH + APART,
        max(box.y for box in boxes) + HEIGHT + APART,
        tuple(boxes),
        tuple(lines),
        tuple(device for key, device in own.items() if key not in joined),
        len(joined) - len(kept),
        len(exits) - len(shown),
    )


_Out = dict[tuple[str, str | None], list["LinkEdge"]]
_Place = tuple[int, int]


def _ways_out(topology: Topology, own: Mapping[str, DeviceRow], seen: Mapping[str, str]) -> _Out:
    """Return the cables that leave the site by the device here and the site there."""
    site_of = {device.key: device.site for device in topology.network.devices}
    found: _Out = {}
    for link in topology.network.links:
        if (link.a in own) != (link.z in own):
            here, there = (link.a, link.z) if link.a in own else (link.z, link.a)
            far = site_of[there]
            found.setdefault((here, far if far in seen else None), []).append(link)
    return found


def _rows(inside: Iterable[LinkEdge], tops: set[str], joined: list[str]) -> list[list[str]]:
    """Return device keys by how many cables they are from a device with a way out."""
    near: dict[str, list[str]] = {}
    for link in inside:
        near.setdefault(link.a, []).append(link.z)
        near.setdefault(link.z, []).append(link.a)
    depth: dict[str, int] = {}
    # Islands without a way out hang on whichever of them has the most cables.
    islands = sorted(joined, key=lambda key: -len(near.get(key, ())))
    for start in ([key for key in joined if key in tops], *([one] for one in islands)):
        waiting = deque(key for key in start if key not in depth)
        depth |= dict.fromkeys(waiting, 0)
        while waiting:
            key = waiting.popleft()
            for other in near.get(key, ()):
                if other not in depth:
                    depth[other] = depth[key] + 1
                    waiting.append(other)
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for key in joined:
        rows[depth[key]].append(key)
    return rows


def _cut_rows(rows: list[list[str]], kept: set[str]) -> Iterator[list[str]]:
    for row in rows:
        yield from _cut([key for key in row if key in kept])


def _cut(row: list[str]) -> list[list[str]]:
    """Return a row as several that fit, as even as can be."""
    if not row:
        return []
    lines = -(-len(row) // PER_ROW)
    size = -(-len(row) // lines)
    return [row[at : at + size] for at in range(0, len(row), size)]


def _as_counted(device: DeviceRow) -> list[tuple[int, str]]:
    """Return what puts sw-2 before sw-10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part) for part in _PARTS.split(device.name)
    ]


def _outward(index: int) -> str:
    """Return the key of a way out, which no device has."""
    return f"out {index}"


def _placed(rows: list[list[str]]) -> Iterator[tuple[str, _Place]]:
    widest = max(len(row) for row in rows)
    for number, row in enumerate(rows):
        left = APART + (widest - len(row)) * (WIDTH + APART) // 2
        for column, key in enumerate(row):
            yield key, (left + column * (WIDTH + APART), APART + number * (HEIGHT + BETWEEN))


def _lines_inside(inside: Iterable[LinkEdge], places: Mapping[str, _Place]) -> Iterator[Line]:
    for link in inside:
        if link.a in places and link.z in places and link.a != link.z:
            circuits = (link.circuit,) if link.circuit else ()
            yield _line(places[link.a], places[link.z], link.is_assumed, circuits)


def _lines_out(
    out: _Out, shown: Sequence[str | None], places: Mapping[str, _Place]
) -> Iterator[Line]:
    for (here, far), links in out.items():
        if here in places and far in shown:
            names = sorted({link.circuit for link in links if link.circuit})
            assumed = all(link.is_assumed for link in links)
            yield _line(places[_outward(shown.index(far))], places[here], assumed, tuple(names))


def _line(one: _Place, other: _Place, is_assumed: bool, circuits: tuple[str, ...]) -> Line:  # noqa: FBT001 RUF100
    (x1, y1), (x2, y2) = sorted((one, other), key=lambda place: (place[1], place[0]))
    if y1 == y2:
        middle = y1 + HEIGHT // 2
        return Line(x1 + WIDTH, middle, x2, middle, is_assumed, circuits)
    half = WIDTH // 2
    return Line(x1 + half, y1 + HEIGHT, x2 + half, y2, is_assumed, circuits)
