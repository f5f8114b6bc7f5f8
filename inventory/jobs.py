"""What the inventory does by itself: each morning, the reorganisations whose day has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from hatang import clock
from hatang.jobs import JobContext, Scalars, job
from hatang.log import get_logger
from inventory.service.reorganising import apply_due

if TYPE_CHECKING:
    from datetime import date

    from hatang.settings import Settings

LOG: Final = get_logger(__name__)
DAILY: Final = "0 5 0 * * *"  # 00:05 in the settings' time zone


def today(settings: Settings) -> date:
    """Return the day it is in the province."""
    return clock.now().astimezone(ZoneInfo(settings.timezone)).date()


@job("inventory.reorganise", cron=DAILY)
def reorganise(context: JobContext, args: Scalars) -> Scalars:
    """Apply what is approved and due; a day that was missed is made up for."""

    def apply() -> Scalars:
        counts = apply_due(context.db, today(context.settings))
        if counts["refused"]:
            LOG.warning("%s reorganisations are due and were refused", counts["refused"])
        return dict(counts)

    return context.step("apply", apply)
