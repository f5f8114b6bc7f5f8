"""Asks Prometheus for a day of everything that is rolled up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import TYPE_CHECKING, Final

from monitors.graphs import matcher
from monitors.rollups.rules import RULES, STEP_SECONDS
from monitors.rollups.summing import sums

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from monitors.graphs import Reader
    from monitors.rollups.rules import Rule
    from monitors.rollups.summing import Day, Sums

# A whole province's hatang_device_up for a day is 2.9 million points: asked for in pieces.
_PIECE_SECONDS: Final = 6 * 3600


@dataclass(frozen=True, slots=True)
class Found:
    """One metric of one thing on one day."""

    rule: Rule
    key: str
    sums: Sums


async def gather(
    reader: Reader, day: Day, circuits: Mapping[str, tuple[str, str]]
) -> AsyncIterator[Found]:
    """Yield what was measured on `day`; `circuits` are device key and port by circuit.

    Raises:
        UnavailableError: Prometheus does not answer.
    """
    for rule in RULES:
        if rule.by:
            for key, points in (await _points(reader, rule, _any(rule), day)).items():
                yield Found(rule, key.removeprefix(rule.prefix), sums(day, points))
            continue
        for cid, (device, port) in circuits.items():
            found = await _points(reader, rule, matcher(device, port), day)
            for points in found.values():
                yield Found(rule, cid, sums(day, points))


def _any(rule: Rule) -> str:
    return f'{rule.by}=~"{rule.prefix}.+"' if rule.prefix else f'{rule.by}!=""'


async def _points(
    reader: Reader, rule: Rule, of: str, day: Day
) -> dict[str, list[tuple[float, float]]]:
    """Return the points by thing; of several series of one thing the worst would be a guess.

    So the first of them stands, by its labels: a service's probes are averaged in Prometheus.
    """
    expression = Template(rule.expression).substitute(of=of)
    if rule.by:
        window = f"[{STEP_SECONDS}s:]" if "(" in expression else f"[{STEP_SECONDS}s]"
        expression = f"avg by ({rule.by}) (avg_over_time({expression}{window}))"
    found: dict[str, list[tuple[float, float]]] = {}
    for begin in range(day.begin + STEP_SECONDS, day.end + 1, _PIECE_SECONDS):
        last = min(begin + _PIECE_SECONDS - STEP_SECONDS, day.end)
        start, end = (datetime.fromtimestamp(at, UTC) for at in (begin, last))
        for series in await reader.query_range(expression, start, end, STEP_SECONDS):
            found.setdefault(series.labels.get(rule.by, ""), []).extend(series.points)
    return found
