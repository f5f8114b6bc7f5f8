"""Announced work: which elements are in it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts.models import Maintenance

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession


def covered(session: AnySession, moment: datetime) -> frozenset[str]:
    """Return the elements that are in maintenance at `moment`."""
    running = select(Maintenance.elements).where(
        Maintenance.starts_at <= moment, Maintenance.ends_at > moment
    )
    return frozenset().union(*session.scalars(running))
