"""Writing the days down, and reading them within one's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from hatang.errors import InvalidInputError, Problem
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors.models import RollupRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from monitors.rollups.gathering import Found
    from monitors.rollups.summing import Day

SOURCE: Final = "prometheus"
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Span:
    """What a span of days comes to; `measured` is the share of steps that were measured, 0 to 1.

    `days` without a row were not rolled up: nothing is known of them. None is not measured.
    """

    kind: str
    key: str
    name: str
    metric: str
    days: int
    missing_days: int
    measured: float
    average: float | None
    worst_day_percentile95: float | None
    maximum: float | None
    source: str = SOURCE


def write(session: WriteSession, day: Day, found: Sequence[Found]) -> int:
    """Write what `day` came to, in place of what an earlier run wrote; return how many rows."""
    rows = [_row(day, one) for one in found]
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        for row in chunk:
            session.execute(
                delete(RollupRow).where(
                    RollupRow.kind == row["kind"],
                    RollupRow.key == row["key"],
                    RollupRow.metric == row["metric"],
                    RollupRow.day == row["day"],
                )
            )
        session.execute(insert(RollupRow), chunk)
    return len(rows)


def due(session: AnySession, today: date, back: int) -> list[date]:
    """Return the days to roll up now: today, and those of the `back` before it not yet whole."""
    first = today - timedelta(days=back)
    whole = set(
        session.scalars(
            select(RollupRow.day).where(RollupRow.day >= first, RollupRow.is_whole).distinct()
        )
    )
    days = (first + timedelta(days=number) for number in range(back + 1))
    return [day for day in days if day not in whole]


def circuits(session: AnySession, actor: Actor) -> dict[str, tuple[str, str]]:
    """Return the device key and port at which each circuit is measured."""
    keys = {
        row.name: row.device_key for row in inventory.list_devices(session, actor, EVERYTHING).items
    }
    links = inventory.list_links(session, actor, EVERYTHING).items
    return {
        link.circuit: (keys[link.a_device], link.a_interface)
        for link in reversed(links)
        if link.circuit and link.a_device in keys
    }


def span_of(first: date, last: date) -> tuple[date, date]:
    """Return the span from `first` to `last`, both counted.

    Raises:
        InvalidInputError: it ends before it begins.
    """
    if last < first:
        fix = "Give a first day that is not after the last."
        raise InvalidInputError(
            [Problem("history", "since", str(first), f"lies after {last}", fix)]
        )
    return first, last


def spans(session: AnySession, actor: Actor, kind: str, days: tuple[date, date]) -> list[Span]:
    """Return what the days from `days[0]` to `days[1]` (both counted) come to, a row a metric.

    For devices, services or circuits within the actor's reach, worst average first.
    """
    names = _names(session, actor, kind)
    where = RollupRow.kind == kind, RollupRow.day.between(*days)
    held: dict[tuple[str, str], list[RollupRow]] = {}
    for row in session.scalars(select(RollupRow).where(*where)):
        if row.key in names:
            held.setdefault((row.key, row.metric), []).append(row)
    wanted = (days[1] - days[0]).days + 1
    found = [_span(names[key], rows, wanted) for (key, _metric), rows in held.items()]
    return sorted(
        found, key=lambda one: (one.metric, one.average is not None, one.average, one.key)
    )


def _names(session: AnySession, actor: Actor, kind: str) -> Mapping[str, str]:
    if kind == "device":
        rows = inventory.list_devices(session, actor, EVERYTHING).items
        return {row.device_key: row.name for row in rows}
    if kind == "service":
        return {
            row.code: row.name for row in inventory.list_services(session, actor, EVERYTHING).items
        }
    lines = inventory.list_circuits(session, actor, EVERYTHING).items
    return {row.cid: row.cid for row in lines}


def _span(name: str, rows: Sequence[RollupRow], wanted: int) -> Span:
    samples, expected = sum(row.samples for row in rows), sum(row.expected for row in rows)
    weighed = [row.average * row.samples for row in rows if row.average is not None]
    return Span(
        kind=rows[0].kind,
        key=rows[0].key,
        name=name,
        metric=rows[0].metric,
        days=len(rows),
        missing_days=wanted - len(rows),
        measured=round(samples / expected, 4) if expected else 0.0,
        average=sum(weighed) / samples if samples else None,
        worst_day_percentile95=_most(row.percentile95 for row in rows),
        maximum=_most(row.maximum for row in rows),
    )


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _row(day: Day, found: Found) -> dict[str, object]:
    return {
        "kind": found.rule.kind,
        "key": found.key[:128],
        "metric": found.rule.metric,
        "day": day.on,
        "samples": found.sums.samples,
        "expected": day.expected,
        "average": found.sums.average,
        "percentile95": found.sums.percentile95,
        "maximum": found.sums.maximum,
        "hours": list(found.sums.hours),
        "hours_percentile95": list(found.sums.hours_percentile95),
        "source": SOURCE,
        "is_whole": day.is_whole,
    }
