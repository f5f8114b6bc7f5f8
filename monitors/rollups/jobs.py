"""Each hour: what today came to so far, and days that were missed while Prometheus holds them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo

from hatang import clock
from hatang.auth import Actor
from hatang.errors import HatangError
from hatang.jobs import JobContext, Scalars, job
from hatang.log import get_logger
from hatang.retention import Policy, keep
from inventory.jobs import today
from monitors.history import PrometheusReader
from monitors.models import RollupRow
from monitors.rollups import service
from monitors.rollups.gathering import gather
from monitors.rollups.summing import Day

if TYPE_CHECKING:
    from monitors.rollups.gathering import Found

    Circuits: TypeAlias = dict[str, tuple[str, str]]

LOG: Final = get_logger(__name__)
HOURLY: Final = "0 12 * * * *"  # twelve minutes past, when the hour's last samples are in
BACK_DAYS: Final = 14
"""Prometheus keeps fifteen days by default."""

ROLLUPS: Final = keep(
    Policy(
        name="monitors.rollups",
        days=lambda settings: settings.retention.rollups_days,
        key=RollupRow.id,
        doomed=lambda before: RollupRow.day < before.date(),
    )
)


@job("monitors.rollup", cron=HOURLY)
def rollup(context: JobContext, args: Scalars) -> Scalars:
    """Roll up today and what was missed; a day that Prometheus cannot tell of is left out."""
    # One step for each day there may be: a run that is taken up again meets the same steps.
    done = [
        context.step(f"{ago} days ago", partial(_roll_up, context, ago))
        for ago in range(BACK_DAYS, -1, -1)
    ]
    return {"rows": sum(int(one["rows"] or 0) for one in done)}


def _roll_up(context: JobContext, ago: int) -> Scalars:
    zone = ZoneInfo(context.settings.timezone)
    now = today(context.settings)
    day = Day.of(now - timedelta(days=ago), zone, clock.now())
    with context.db.read() as session:
        if day.on not in service.due(session, now, BACK_DAYS):
            return {"rows": 0}
        circuits = service.circuits(session, Actor.system("monitor"))
    reader = PrometheusReader(context.settings.prometheus_url, timeout_seconds=60.0)
    try:
        found = asyncio.run(_gathered(reader, day, circuits))
    except HatangError as error:
        LOG.warning("%s is not rolled up yet: %s", day.on, error)
        return {"rows": 0}
    with context.db.write() as session:
        return {"rows": service.write(session, day, found)}


async def _gathered(reader: PrometheusReader, day: Day, circuits: Circuits) -> list[Found]:
    async with aclosing(reader):
        return [one async for one in gather(reader, day, circuits)]
