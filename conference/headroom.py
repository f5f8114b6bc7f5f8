"""Does a meeting fit through the lines its points share: all of them at once, not one by one.

Pure. A call needs its picture, its content and its sound each way, and a fifth more for headers
and bursts (Cisco's QoS design guide provisions interactive video at +20 %). What is free of a line
is what the carrier committed, less what usually runs there at that hour, less other meetings.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from conference.choices import CheckResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Needs: TypeAlias = "Mapping[str, int]"
    Ways: TypeAlias = "Mapping[str, Sequence[str]]"

AUDIO_KBPS: Final = 64
"""G.711 and G.722 at their full rate."""
MARGIN: Final = 1.2
DIRECTIONS: Final = ("up", "down")


@dataclass(frozen=True, slots=True)
class Line:
    """A line; `up` is from the points to the bridge.

    `usual` is the 95th percentile of that weekday and hour in bit/s, `weeks` of how many weeks it
    is told. None is not known. `name` is told to people.
    """

    key: str
    name: str
    up_kbps: int | None = None
    down_kbps: int | None = None
    usual_up_bps: float | None = None
    usual_down_bps: float | None = None
    weeks: int = 0

    def capacity_bps(self, direction: str) -> int | None:
        """Return what the line carries; None when nobody wrote it down."""
        kbps = self.up_kbps if direction == "up" else self.down_kbps
        return None if kbps is None else kbps * 1000

    def usual_bps(self, direction: str) -> float | None:
        """Return what usually runs there at that hour; None when it was not measured."""
        return self.usual_up_bps if direction == "up" else self.usual_down_bps


@dataclass(frozen=True, slots=True)
class Load:
    """What a meeting puts on a line in one direction, and what is free there, in bit/s.

    `points` are the rooms of this meeting that share it; `reserved_bps` is what other meetings
    take at that time.
    """

    line: Line
    direction: str
    points: tuple[str, ...]
    need_bps: int
    reserved_bps: int
    result: CheckResult

    @property
    def free_bps(self) -> float | None:
        """What is left for this meeting; None when the rate or the usual load is not known."""
        capacity, usual = (
            self.line.capacity_bps(self.direction),
            self.line.usual_bps(self.direction),
        )
        return None if capacity is None or usual is None else capacity - usual - self.reserved_bps


def need_bps(call_kbps: int, content_kbps: int = 0) -> int:
    """Return what one point's call needs each way, in bit/s."""
    return round((call_kbps + content_kbps + AUDIO_KBPS) * 1000 * MARGIN)


def loads(
    ways: Ways, lines: Mapping[str, Line], each_bps: int, reserved: Needs | None = None
) -> list[Load]:
    """Return the load of every line and direction, for all points of `ways` at once.

    `ways` are each room's lines by key, `reserved` what other meetings take of a line then.
    """
    shared: dict[str, list[str]] = defaultdict(list)
    for room, way in ways.items():
        for key in dict.fromkeys(way):
            shared[key].append(room)
    others = reserved or {}
    return [
        _load(lines[key], direction, tuple(rooms), each_bps * len(rooms), others.get(key, 0))
        for key, rooms in shared.items()
        for direction in DIRECTIONS
    ]


def _load(line: Line, direction: str, rooms: tuple[str, ...], need: int, reserved: int) -> Load:
    """Return the load; that a line suffices cannot be told where its usual load is not known."""
    capacity, usual = line.capacity_bps(direction), line.usual_bps(direction)
    if capacity is not None and need + reserved + (usual or 0) > capacity:
        result = CheckResult.FAIL
    else:
        result = CheckResult.SKIP if capacity is None or usual is None else CheckResult.PASS
    return Load(line, direction, rooms, need, reserved, result)
