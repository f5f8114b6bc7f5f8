"""What polling costs: turns, series, octets on each line, Prometheus' memory and disk.

From what the last polls brought home, so that the figures are the network's own and no guess;
devices that were not polled yet are counted apart and cost nothing here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# A datagram of 58 varbinds stays below 1,472 octets; a GET of it is answered by as many.
_VARBINDS_A_DATAGRAM: Final = 58
# A varbind costs about 16 octets in the question and 21 in the answer (60 of them measured at
# 1.25 kB); message, SNMPv3 and UDP/IP headers add 160 to each of the two datagrams.
_VARBIND_OCTETS: Final = 37
_DATAGRAM_OCTETS: Final = 2 * 160
# An echo request and its reply: 64 octets and an IP header each.
_ECHO_OCTETS: Final = 2 * 84
# Prometheus 2.42: 3 million series took 7.26 GB of memory, and 6 GB of disk a day at 30 s.
SERIES_MEMORY_OCTETS: Final = 2500
SAMPLE_DISK_OCTETS: Final = 0.7
_YEAR_SECONDS: Final = 365 * 86_400
# Above this share of turns, chance alone makes polls late.
_FULL: Final = 0.8
_MOST_SHARE: Final = 0.02
"""Of a line's rate: what polling may take without anybody noticing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one device's last poll took: series, values read, and for how long it kept a turn."""

    key: str
    site: str
    series: int
    values: int
    seconds: float

    @property
    def datagrams(self) -> int:
        """Questions sent in a period, the echo request among them."""
        return 1 + -(-self.values // _VARBINDS_A_DATAGRAM)

    @property
    def octets(self) -> int:
        """Octets in a period, both ways together."""
        return (
            _ECHO_OCTETS + self.values * _VARBIND_OCTETS + (self.datagrams - 1) * _DATAGRAM_OCTETS
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings allow."""

    period_seconds: float
    concurrency: int
    site_concurrency: int


@dataclass(frozen=True, slots=True)
class LineLoad:
    """What polling takes of one circuit.

    `share` is the part of the committed rate, None where that is not known.
    """

    cid: str
    devices: int
    bits_per_second: int
    rate_kbps: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """The whole plan; octets for memory and disk, `problems` in words where it does not fit."""

    devices: int
    unmeasured: int
    series: int
    samples_per_second: float
    datagrams_per_second: float
    busy_ratio: float
    prometheus_memory_octets: int
    prometheus_disk_octets_a_year: int
    circuits: tuple[LineLoad, ...]
    problems: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether everything is polled in time, by what is known."""
        return not self.problems


def fit(
    costs: Sequence[Cost],
    unmeasured: int,
    limits: Limits,
    ways: Mapping[str, Collection[str]],
    rates: Mapping[str, int | None],
) -> Fit:
    """Return what `costs` add up to.

    `ways` are the circuits between here and each device, `rates` their committed rates in kbit/s.
    """
    series = sum(cost.series for cost in costs)
    samples = series / limits.period_seconds
    busy = sum(cost.seconds for cost in costs) / (limits.concurrency * limits.period_seconds)
    lines = _lines(costs, limits, ways, rates)
    return Fit(
        devices=len(costs),
        unmeasured=unmeasured,
        series=series,
        samples_per_second=round(samples, 1),
        datagrams_per_second=round(sum(c.datagrams for c in costs) / limits.period_seconds, 1),
        busy_ratio=round(busy, 4),
        prometheus_memory_octets=series * SERIES_MEMORY_OCTETS,
        prometheus_disk_octets_a_year=int(samples * _YEAR_SECONDS * SAMPLE_DISK_OCTETS),
        circuits=lines,
        problems=tuple(_problems(costs, limits, busy, lines)),
    )


def _lines(
    costs: Sequence[Cost],
    limits: Limits,
    ways: Mapping[str, Collection[str]],
    rates: Mapping[str, int | None],
) -> tuple[LineLoad, ...]:
    octets: Counter[str] = Counter()
    devices: Counter[str] = Counter()
    for cost in costs:
        for cid in ways.get(cost.key, ()):
            octets[cid] += cost.octets
            devices[cid] += 1
    lines = []
    for cid in sorted(octets, key=lambda cid: (-octets[cid], cid)):
        bits, rate = round(octets[cid] * 8 / limits.period_seconds), rates.get(cid)
        share = round(bits / (rate * 1000), 5) if rate else None
        lines.append(LineLoad(cid, devices[cid], bits, rate, share))
    return tuple(lines)


def _problems(
    costs: Sequence[Cost], limits: Limits, busy: float, lines: Sequence[LineLoad]
) -> list[str]:
    found = []
    if busy > _FULL:
        found.append(f"turns are taken {busy:.0%} of the time: raise monitors.concurrency")
    at_site: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        at_site[cost.site] += cost.seconds
    for site, seconds in sorted(at_site.items()):
        share = seconds / (limits.site_concurrency * limits.period_seconds)
        if share > _FULL:
            found.append(
                f"site {site}: turns are taken {share:.0%} of the time: "
                "raise monitors.site_concurrency, or the period"
            )
    found += [
        f"circuit {line.cid}: polling takes {line.share:.1%} of its rate"
        for line in lines
        if line.share is not None and line.share > _MOST_SHARE
    ]
    return found
