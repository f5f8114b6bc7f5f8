from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from hatang.auth import Actor, Role
from inventory import service as inventory
from monitors.history import Series
from monitors.models import RollupRow
from monitors.rollups import service
from monitors.rollups.gathering import Found, gather
from monitors.rollups.rules import RULES, STEP_SECONDS
from monitors.rollups.summing import Day, Sums

if TYPE_CHECKING:
    from hatang.db import Database

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = Day.of(date(2026, 3, 1), ZONE, datetime(2026, 3, 5, tzinfo=UTC))
AVAILABILITY = RULES[0]


@dataclass
class Wave:
    """Answers each question with one series of ones, and remembers what was asked."""

    labels: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def query_range(
        self, expression: str, start: datetime, end: datetime, step_seconds: float
    ) -> list[Series]:
        self.asked.append(expression)
        count = int((end - start).total_seconds() / step_seconds) + 1
        begin = start.timestamp()
        return [Series(self.labels, tuple((begin + n * step_seconds, 1.0) for n in range(count)))]


def gathered(reader: Wave, circuits: dict[str, tuple[str, str]]) -> list[Found]:
    async def run() -> list[Found]:
        return [one async for one in gather(reader, DAY, circuits)]

    return asyncio.run(run())


def known(key: str, average: float | None, samples: int = 288) -> Found:
    none = (None,) * 24
    return Found(AVAILABILITY, key, Sums(samples, average, average, average, none, none))


def test_pieces_of_a_day_join_without_a_gap_or_a_doubled_sample() -> None:
    found = gathered(Wave({"instance": "key"}), {})
    assert {one.sums.samples for one in found if one.rule is AVAILABILITY} == {
        24 * 3600 // STEP_SECONDS
    }


def test_a_circuit_is_asked_about_by_its_port_and_a_service_by_its_code() -> None:
    reader = Wave({"instance": "service:portal"})
    found = gathered(reader, {"VNPT-1": ("key", "eth1")})
    assert {(one.rule.kind, one.key) for one in found} >= {
        ("circuit", "VNPT-1"),
        ("service", "portal"),
    }
    assert any('instance="key",ifName="eth1"' in one for one in reader.asked)


def test_a_day_written_again_replaces_itself(province: Database) -> None:
    for average in (0.5, 0.9):
        with province.write() as session:
            service.write(session, DAY, [known("key", average)])
    with province.read() as session:
        assert session.scalar(select(func.count()).select_from(RollupRow)) == 1
        assert session.scalar(select(RollupRow.average)) == 0.9


def test_days_that_were_missed_are_due_until_they_are_whole(province: Database) -> None:
    today = date(2026, 3, 3)
    half = Day.of(date(2026, 3, 2), ZONE, datetime(2026, 3, 2, 3, tzinfo=UTC))
    with province.write() as session:
        service.write(session, DAY, [known("key", 1.0)])
        service.write(session, half, [known("key", 1.0)])
        assert service.due(session, today, 2) == [half.on, today]


def test_a_span_weighs_days_by_what_was_measured_and_counts_what_is_missing(
    province: Database, admin: Actor
) -> None:
    later = Day.of(DAY.on + timedelta(days=1), ZONE, datetime(2026, 3, 5, tzinfo=UTC))
    with province.write() as session:
        key = inventory.get_device(session, admin, "core-1").device_key
        service.write(session, DAY, [known(key, 1.0, samples=288)])
        service.write(session, later, [known(key, 0.0, samples=96)])
        days = (DAY.on, later.on + timedelta(days=2))
        (span,) = service.spans(session, admin, "device", days)
    assert (span.name, span.average, span.days, span.missing_days) == ("core-1", 0.75, 2, 2)
    assert span.measured == pytest.approx(384 / 576, abs=1e-4)


def test_nobody_reads_what_lies_outside_his_reach(province: Database, admin: Actor) -> None:
    with province.write() as session:
        rows = {n: inventory.get_device(session, admin, n) for n in ("core-1", "rtr-01")}
        service.write(session, DAY, [known(row.device_key, 1.0) for row in rows.values()])
        reach = frozenset({rows["rtr-01"].scope_id})
        viewer = Actor(9, "xa", frozenset({Role.VIEWER}), reach)
        found = service.spans(session, viewer, "device", (DAY.on, DAY.on))
    assert [span.name for span in found] == ["rtr-01"]
