"""What the inventory knows and rules judge, as series: certificates that end soon."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import select

from hatang import clock
from hatang.metrics import REGISTRY, Snapshot
from inventory.models.organisations import Unit
from inventory.models.systems import Certificate

if TYPE_CHECKING:
    from hatang.db import AnySession

AHEAD: Final = timedelta(days=90)
BEHIND: Final = timedelta(days=30)
"""A province has ten thousand certificates; only those that end within this are series."""

_CERTIFICATES: Final = Snapshot(
    Gauge(
        "hatang_certificate_not_after_timestamp_seconds",
        "When a certificate of the register ends, Unix time: those that end within 90 days, and "
        "those that ended in the last 30.",
        ["serial", "issuer", "purpose", "unit"],
        registry=REGISTRY,
    )
)


def update(session: AnySession) -> None:
    """Show the certificates of the register as they are now."""
    today = clock.now().date()
    rows = session.execute(
        select(
            Certificate.serial,
            Certificate.issuer,
            Certificate.purpose,
            Unit.code,
            Certificate.not_after,
        )
        .outerjoin(Unit, Unit.id == Certificate.unit_id)
        .where(Certificate.not_after.between(today - BEHIND, today + AHEAD))
    )
    _CERTIFICATES.show(
        {
            # The last day counts whole.
            (serial, issuer, purpose or "", unit or ""): datetime.combine(
                not_after + timedelta(days=1), time(), UTC
            ).timestamp()
            for serial, issuer, purpose, unit, not_after in rows
        }
    )
