"""Does a meeting fit through the lines its points share: all of them at once, not one by one.

Pure. A call needs its picture, its content and its sound each way, and a fifth more for headers
and bursts (Cisco's QoS design guide provisions interactive video at +20 %). What is free of a line
is what the carrier committed, less what usually runs there at that hour, less other meetings.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from conference.choices import CheckResult
from conference.lines import Line, Load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Needs: TypeAlias = "Mapping[str, int]"
    Ways: TypeAlias = "Mapping[str, Sequence[str]]"

AUDIO_KBPS: Final = 64
"""G.711 and G.722 at their full rate."""
MARGIN: Final = 1.2
DIRECTIONS: Final = ("up", "down")


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
