"""A page states what was verified, and what the device itself said of the fault unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts import ledger
from hatang import clock
from monitors.hints.schema import built_in, rules
from monitors.models import HintRow
from tests.alerts.test_step import NETWORK, Monitors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PLAN = ledger.Plan(["http://127.0.0.1:9093"])
RULE, MEANING = next(iter(rules(built_in().items()).items()))


@pytest.fixture
def monitors(sqlite_database: Database) -> Iterator[Monitors]:
    with clock.frozen(NOW) as hand:
        made = Monitors(sqlite_database, hand)
        made.say("good", *(f"device:{each.key}" for each in NETWORK.devices))
        yield made


def hint(database: Database, device: str, minutes: float, source: str) -> None:
    """Keep what a device said so long ago."""
    at = clock.now() - timedelta(minutes=minutes)
    row = HintRow(at=at, last_at=at, owner=device, element=f"device:{device}", scope_id=None)
    row.kind, row.source, row.rule = MEANING.kind, source, RULE
    row.detail, row.count, row.is_verified = {}, 1, True
    with database.write() as session:
        session.add(row)


def told(monitors: Monitors) -> dict[str, str]:
    """Let a commune's router go dark, and return what the page says."""
    monitors.say("bad", "device:xa")
    for _ in range(3):
        monitors.step(after=11)
    with monitors.database.write() as session:
        (item,) = ledger.prepare(session, PLAN)
    return dict(item.annotations)


def test_a_page_says_that_the_fault_was_measured_again(monitors: Monitors) -> None:
    page = told(monitors)
    assert page["verified_en"] == "measured again before this was told"
    assert page["verified_vi"] == "đã đo lại trước khi báo"


def test_a_page_says_that_no_look_confirmed_it(monitors: Monitors) -> None:
    monitors.is_gone = True
    assert told(monitors)["verified_en"] == "not yet confirmed by a fresh measurement"


@pytest.mark.parametrize(("source", "way"), [("trap", "SNMP trap"), ("syslog", "log line")])
def test_what_the_device_said_itself_stands_behind_what_was_measured(
    monitors: Monitors, source: str, way: str
) -> None:
    hint(monitors.database, "xa", 0.5, source)
    page = told(monitors)
    said = f"; the device itself said by {way}: {MEANING.text.en}"
    assert page["verified_en"] == f"measured again before this was told{said}"
    assert page["verified_vi"].endswith(f": {MEANING.text.vi}")


def test_what_another_device_said_or_long_before_is_no_word_on_it(monitors: Monitors) -> None:
    hint(monitors.database, "hub1", 0.5, "trap")
    hint(monitors.database, "xa", 5, "trap")
    assert told(monitors)["verified_en"] == "measured again before this was told"
