"""Every twenty seconds: who is in the meetings that run, and how they are heard."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from conference import series
from conference.service.attendance import observe, running
from conference.service.bridges import Ways, access, people_of
from conference.service.live import STALE_AFTER
from conference.service.places import placed
from hatang import clock
from hatang.auth import Actor
from hatang.errors import DriverError, Reason
from hatang.jobs import JobContext, Scalars, job
from hatang.log import get_logger

if TYPE_CHECKING:
    from datetime import datetime

EACH_WINDOW: Final = "*/20 * * * * *"  # conference.quality.WINDOW_SECONDS
LOG: Final = get_logger(__name__)
TOLD: Final[dict[str, datetime]] = {}
"""When each bridge told this process last who is in. Rules take what any of the workers shows."""


def told() -> set[str]:
    """Return the bridges that told who is in lately; one window missed changes nothing."""
    since = clock.now() - STALE_AFTER
    return {code for code, at in TOLD.items() if at >= since}


@job("conference.live", cron=EACH_WINDOW)
def hear(context: JobContext, args: Scalars) -> Scalars:
    """Ask the bridges that have a meeting who is in it; one that is silent is left as it was."""
    return context.step("hear", partial(_hear, context))


def _hear(context: JobContext) -> Scalars:
    ways, heard = Ways.of(context.settings), 0
    with context.db.read() as session:
        found = running(session, clock.now())
    for number, code in found:
        try:
            _hear_one(context, number, code, ways)
        except DriverError as error:
            if error.reason is Reason.NOT_SUPPORTED:
                continue  # known of such a bridge, and the same each time
            LOG.warning("bridge %s is not heard: %s. %s", code, error, error.fix)
        except Exception:
            LOG.exception("bridge %s is not heard", code)
        else:
            TOLD[code] = clock.now()
            heard += 1
    with context.db.read() as session:
        series.update(session, told())
    return {"bridges": heard}


def _hear_one(context: JobContext, number: int, code: str, ways: Ways) -> None:
    with context.db.read() as session:
        driver, opening = access(session, Actor.system("conference"), code)
    people = asyncio.run(people_of(driver, opening, ways=ways))
    at = clock.now()
    with context.db.read() as session:
        places = placed(session, number, people, at)
    with context.db.write() as session:
        observe(session, number, people, at, places)
