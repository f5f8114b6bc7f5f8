"""What is drawn of an element over time: graphs as data, read back from Prometheus.

An expression names what it is about by `$key`, `$port` and `$window`; they are filled in as quoted
strings, so that no name becomes an expression.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from math import isfinite
from string import Template
from typing import TYPE_CHECKING, Final, Protocol

from monitors.history import label_value, percentile95

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from monitors.history import Series

RANGES: Final = {"6h": 6, "24h": 24, "7d": 7 * 24, "30d": 30 * 24}
"""What can be asked for, in hours."""
_POINTS: Final = 360
_LINES: Final = 6
# Rates need four samples or more in their window; polls are 30 s apart by default.
_LEAST_WINDOW: Final = timedelta(minutes=2)


class Reader(Protocol):
    """Answers range queries; `monitors.history.PrometheusReader` does."""

    async def query_range(
        self, expression: str, start: datetime, end: datetime, step_seconds: float
    ) -> list[Series]:
        """Return the series of `expression`."""
        ...


@dataclass(frozen=True, slots=True)
class Curve:
    """One expression; each series is called `name`, with its label `by` behind it."""

    name: str
    expression: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A picture of some curves in one unit; `zero` says that the axis begins there."""

    name: str
    unit: str
    curves: tuple[Curve, ...]
    zero: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as drawn: a value a moment, None where nothing was measured."""

    name: str
    label: str
    values: tuple[float | None, ...]

    @property
    def measured(self) -> list[float]:
        """The values there are."""
        return [value for value in self.values if value is not None]

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.measured[-1] if self.measured else None

    @property
    def maximum(self) -> float | None:
        """The highest value."""
        return max(self.measured, default=None)

    @property
    def percentile95(self) -> float | None:
        """The value that 95 of 100 do not exceed (nearest rank)."""
        return percentile95(self.measured)


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph with its lines at the moments `at` (Unix time, seconds)."""

    graph: Graph
    at: tuple[int, ...]
    lines: tuple[Line, ...] = field(default=())


_IN, _OUT = "8 * rate(ifHCInOctets{$of}[$window])", "8 * rate(ifHCOutOctets{$of}[$window])"
_FAULTS: Final = " + ".join(
    f"rate({name}{{$of}}[$window])"
    for name in ("ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards")
)
TRAFFIC: Final = Graph(
    "traffic", "bit/s", (Curve("received", _IN, "ifName"), Curve("sent", _OUT, "ifName"))
)
FAULTS: Final = Graph("errors", "packet/s", (Curve("errors", _FAULTS, "ifName"),))
DEVICE: Final = (
    TRAFFIC,
    FAULTS,
    Graph("round-trip", "s", (Curve("echo", "hatang_device_ping_rtt_seconds{$of}"),)),
    Graph("processor", "%", (Curve("used", "hatang_cpu_percent{$of}", "name"),)),
    Graph("memory", "%", (Curve("used", "hatang_memory_used_percent{$of}", "name"),)),
    Graph(
        "temperature",
        "°C",
        (Curve("temperature", 'hatang_sensor{class="temperature",$of}', "name"),),
        zero=False,
    ),
    Graph(
        "optics",
        "dBm",
        (Curve("power", 'hatang_sensor{class="dbm",$of}', "name"),),
        zero=False,
    ),
    Graph(
        "battery",
        "%",
        (
            Curve("charge", "upsEstimatedChargeRemaining{$of}"),
            Curve("load", "upsOutputPercentLoad{$of}", "upsOutputLineIndex"),
        ),
    ),
)
CIRCUIT: Final = (TRAFFIC, FAULTS)
SERVICE: Final = (
    Graph("duration", "s", (Curve("duration", "probe_duration_seconds{$of}", "name"),)),
    Graph(
        "availability",
        "%",
        (Curve("succeeded", "100 * avg_over_time(probe_success{$of}[$window])", "name"),),
    ),
)
_BY_SUBJECT: Final = {"device": DEVICE, "circuit": CIRCUIT, "service": SERVICE}


def find(subject: str, name: str) -> Graph | None:
    """Return the graph `name` of a kind of subject (device, circuit, service)."""
    return next((graph for graph in _BY_SUBJECT.get(subject, ()) if graph.name == name), None)


def matcher(key: str, port: str = "") -> str:
    """Return the label matchers for the element `key`, or for its interface `port` alone."""
    of = f"instance={label_value(key)}"
    return f"{of},ifName={label_value(port)}" if port else of


async def draw(reader: Reader, graph: Graph, of: str, end: datetime, hours: int) -> Picture:
    """Return `graph` of what the matchers `of` name, over the `hours` until `end`.

    Raises:
        UnavailableError: Prometheus does not answer.
    """
    step = max(30, hours * 3600 // _POINTS)
    last = int(end.timestamp()) // step * step
    moments = tuple(range(last - hours * 3600 // step * step, last + 1, step))
    start, stop = (end.fromtimestamp(at, end.tzinfo) for at in (moments[0], moments[-1]))
    window = f"{max(int(_LEAST_WINDOW.total_seconds()), step)}s"
    lines: list[Line] = []
    for curve in graph.curves:
        expression = Template(curve.expression).substitute(of=of, window=window)
        found = await reader.query_range(expression, start, stop, step)
        lines += _busiest(_line(curve, one, moments) for one in found)
    return Picture(graph, moments, tuple(lines))


def _line(curve: Curve, series: Series, moments: Sequence[int]) -> Line:
    points: Mapping[int, float] = {
        round(at): value for at, value in series.points if isfinite(value)
    }
    return Line(
        curve.name,
        series.labels.get(curve.by, "") if curve.by else "",
        tuple(points.get(at) for at in moments),
    )


def _busiest(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that reach highest, as many as an eye can tell apart."""
    ordered = sorted(lines, key=lambda line: (-(line.maximum or 0.0), line.label))
    return [line for line in ordered if line.measured][:_LINES]
