from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import clock
from hatang.audit import AuditEntry, UnauthenticatedDenials

if TYPE_CHECKING:
    from hatang.db import Database

START = datetime(2026, 11, 22, tzinfo=UTC)


def entries(database: Database) -> list[tuple[str, int]]:
    with database.read() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence))
        return [(entry.target, entry.detail["attempts"]) for entry in found]


def test_a_flood_is_one_entry_a_minute_and_no_attempt_is_lost(database: Database) -> None:
    denials = UnauthenticatedDenials()
    with clock.frozen(START) as hand:
        denials.note("192.0.2.1", "api.read")
        assert denials.flush(database) == 1
        for _ in range(1000):
            denials.note("192.0.2.1", "api.read")
        assert denials.flush(database) == 0
        hand.advance(60)
        assert denials.flush(database) == 1
    assert entries(database) == [("address/192.0.2.1", 1), ("address/192.0.2.1", 1000)]


def test_a_flood_from_everywhere_is_bounded(sqlite_database: Database) -> None:
    denials = UnauthenticatedDenials()
    for number in range(1000):
        denials.note(f"192.0.{number // 256}.{number % 256}", "api.read")
    assert denials.flush(sqlite_database) == 257
    assert sum(count for _, count in entries(sqlite_database)) == 1000
    assert ("address/many", 744) in entries(sqlite_database)
