"""Announced work: which elements are in it now, and when it is over early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from alerts import naming
from alerts.models import Maintenance, MaintenanceSeries

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, WriteSession


MANUAL: Final = "manual"
NAMES: Final = "elements"
"""Under it a series' rule keeps what the work is on, as the announcer named it."""
_CARRIER: Final = "carrier:"


def announced_by(carrier: str) -> str:
    """Return the source of work that `carrier` announced; without one it is our own."""
    return f"{_CARRIER}{carrier}" if carrier else MANUAL


def covered(session: AnySession, moment: datetime) -> frozenset[str]:
    """Return the elements that are in maintenance at `moment`."""
    running = select(Maintenance.elements).where(
        Maintenance.starts_at <= moment, Maintenance.ends_at > moment
    )
    return frozenset().union(*session.scalars(running))


def windows(session: AnySession, since: datetime, until: datetime) -> list[Maintenance]:
    """Return the announced work that shares a moment with `since` to `until`, earliest first."""
    within = Maintenance.starts_at < until, Maintenance.ends_at > since
    order = Maintenance.starts_at, Maintenance.id
    return list(session.scalars(select(Maintenance).where(*within).order_by(*order)))


def renew(session: WriteSession, moment: datetime) -> None:
    """Let the running time of each series cover what its names have come to mean since.

    A device that was put up at an announced site later is in the work as well; what was announced
    stays in it.
    """
    running = Maintenance.starts_at <= moment, Maintenance.ends_at > moment
    rows = session.execute(
        select(Maintenance, MaintenanceSeries.rule)
        .join(MaintenanceSeries, Maintenance.series_id == MaintenanceSeries.id)
        .where(*running)
    )
    for row, rule in rows.all():
        meant = {each for name in rule.get(NAMES, ()) for each in naming.meant(session, name)}
        if not meant <= set(row.elements):
            row.elements = sorted({*row.elements, *meant})


def end(session: WriteSession, source: str, moment: datetime) -> None:
    """End the work of `source` at `moment`, if it still runs: what is bad then is told."""
    running = update(Maintenance).where(
        Maintenance.source == source, Maintenance.starts_at <= moment, Maintenance.ends_at > moment
    )
    session.execute(running.values(ends_at=moment))
