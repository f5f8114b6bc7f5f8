"""How a stream was heard over a window, in bands. Pure.

The bands and the window are Pexip's (docs.pexip.com/admin/media_statistics.htm): 20 s, loss below
1 % is good, below 3 % ok, below 10 % bad, else terrible; jitter above 40 ms lowers one band.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conference.choices import Quality
from conference.sums import total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conference.bridges.status import Stream

WINDOW_SECONDS: Final = 20
JITTER_SECONDS: Final = 0.040
NOW_WINDOWS: Final = 3
_BANDS: Final = ((0.01, Quality.GOOD), (0.03, Quality.OK), (0.10, Quality.BAD))
ORDER: Final = (Quality.UNKNOWN, Quality.GOOD, Quality.OK, Quality.BAD, Quality.TERRIBLE)


@dataclass(frozen=True, slots=True)
class Heard:
    """One stream over one window; None is what the bridge did not tell."""

    packets: int | None
    packets_lost: int | None
    loss_ratio: float | None
    quality: Quality


def heard(stream: Stream, before: Sequence[int] | None) -> Heard:
    """Return what the window since the counters `before` (packets, lost) comes to.

    Counters that are not there, or went back because the stream began anew, leave it unknown,
    unless the bridge tells a loss of its own window.
    """
    packets = lost = None
    if stream.packets is not None and stream.packets_lost is not None and before is not None:
        packets, lost = stream.packets - before[0], stream.packets_lost - before[1]
    if packets is None or lost is None or packets <= 0 or lost < 0 or lost > packets:
        packets = lost = None
    loss = stream.loss_ratio if packets is None or lost is None else lost / packets
    return Heard(packets, lost, loss, band(loss, stream.jitter_seconds))


def merged(streams: Sequence[Stream]) -> list[Stream]:
    """Return one stream a direction and medium: counts and rates summed, of others the worst."""
    groups: dict[tuple[str, str], list[Stream]] = {}
    for stream in streams:
        groups.setdefault((stream.direction, stream.media), []).append(stream)
    return [group[0] if len(group) == 1 else _merged(group) for group in groups.values()]


def _merged(group: Sequence[Stream]) -> Stream:
    def most(values: Iterable[float | None]) -> float | None:
        return max((value for value in values if value is not None), default=None)

    rates = [one.bitrate_bps for one in group if one.bitrate_bps is not None]
    return replace(
        group[0],
        packets=total(one.packets for one in group),
        packets_lost=total(one.packets_lost for one in group),
        loss_ratio=most(one.loss_ratio for one in group),
        jitter_seconds=most(one.jitter_seconds for one in group),
        rtt_seconds=most(one.rtt_seconds for one in group),
        bitrate_bps=sum(rates) if len(rates) == len(group) else None,
    )


def band(loss_ratio: float | None, jitter_seconds: float | None) -> Quality:
    """Return the band of a loss; without one it is unknown, whatever the jitter."""
    if loss_ratio is None:
        return Quality.UNKNOWN
    found = next((name for limit, name in _BANDS if loss_ratio < limit), Quality.TERRIBLE)
    if jitter_seconds is not None and jitter_seconds > JITTER_SECONDS:
        return ORDER[min(ORDER.index(found) + 1, len(ORDER) - 1)]
    return found


def worst(values: Sequence[Quality]) -> Quality:
    """Return the worst of the streams of one window; unknown when nothing of it is known."""
    return max(values, key=ORDER.index, default=Quality.UNKNOWN)


def current(windows: Sequence[Quality]) -> Quality:
    """Return what holds now: what most of the last three windows were, the worse of a draw."""
    last = windows[-NOW_WINDOWS:]
    if not last:
        return Quality.UNKNOWN
    counted = Counter(last)
    return max(counted, key=lambda one: (counted[one], ORDER.index(one)))
