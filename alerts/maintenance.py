"""Announced work: which elements are in it now, and when it is over early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from alerts.models import Maintenance

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, WriteSession


MANUAL: Final = "manual"
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


def end(session: WriteSession, source: str, moment: datetime) -> None:
    """End the work of `source` at `moment`, if it still runs: what is bad then is told."""
    running = update(Maintenance).where(
        Maintenance.source == source, Maintenance.starts_at <= moment, Maintenance.ends_at > moment
    )
    session.execute(running.values(ends_at=moment))
