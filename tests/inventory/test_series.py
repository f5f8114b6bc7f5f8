from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.metrics import render
from inventory import series
from inventory.models.systems import Certificate

if TYPE_CHECKING:
    from hatang.db import Database

NAME = "hatang_certificate_not_after_timestamp_seconds"


def ends(database: Database, days: int) -> list[str]:
    """Return the lines that a certificate which ends in so many days has."""
    with database.write() as session:
        session.add(
            Certificate(
                serial="5404",
                issuer="CA",
                holder="Nguyễn Văn A",
                not_after=clock.now().date() + timedelta(days=days),
                description="",
                search_text="",
            )
        )
    with database.read() as session:
        series.update(session)
    return [line for line in render()[0].decode().splitlines() if line.startswith(f"{NAME}{{")]


def test_a_certificate_holds_to_the_end_of_its_last_day(database: Database) -> None:
    (line,) = ends(database, 10)
    day = clock.now().date() + timedelta(days=11)
    assert float(line.rpartition(" ")[2]) == datetime(*day.timetuple()[:3], tzinfo=UTC).timestamp()


def test_nobody_is_named(database: Database) -> None:
    (line,) = ends(database, 10)
    assert "Nguyễn" not in line


@pytest.mark.parametrize("days", [series.AHEAD.days + 1, -series.BEHIND.days - 1])
def test_one_that_ends_far_from_now_is_no_series(database: Database, days: int) -> None:
    assert ends(database, days) == []
