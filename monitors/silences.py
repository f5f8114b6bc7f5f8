"""When a monitor was not heard: of that time nothing is known, whatever was measured before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import clock
from monitors.models import HeartbeatRow, SilenceRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.db import AnySession, WriteSession

SILENT_AFTER_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Silence:
    """A monitor's last sign of life, and its first one after that, or now while there is none."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Return whether nothing was heard at `at`."""
        return self.starts_at < at < self.ends_at


def is_silent(row: HeartbeatRow, now: datetime) -> bool:
    """Return whether a monitor's last sign of life is too old for its states to hold."""
    return (now - row.at).total_seconds() > SILENT_AFTER_SECONDS


def end(session: WriteSession, row: HeartbeatRow, now: datetime) -> None:
    """Write down that a monitor is heard again, if it was silent until `now`."""
    if is_silent(row, now):
        session.add(SilenceRow(monitor=row.monitor, starts_at=row.at, ends_at=now))


def silences(
    session: AnySession, since: datetime, until: datetime
) -> Mapping[str, tuple[Silence, ...]]:
    """Return by monitor when it was not heard between `since` and `until`, earliest first."""
    now = clock.now()
    within = SilenceRow.starts_at < until, SilenceRow.ends_at > since
    found: dict[str, list[Silence]] = defaultdict(list)
    for row in session.scalars(select(SilenceRow).where(*within).order_by(SilenceRow.starts_at)):
        found[row.monitor].append(Silence(row.starts_at, row.ends_at))
    for beat in session.scalars(select(HeartbeatRow)):
        if is_silent(beat, now):
            found[beat.monitor].append(Silence(beat.at, now))
    return {monitor: tuple(each) for monitor, each in found.items()}
