"""A router of the inventory may find its way anew after what carries it came back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hatang import clock
from tests.alerts.test_step import NETWORK, Monitors

if TYPE_CHECKING:
    from hatang.db import Database

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


def test_a_router_behind_a_core_that_came_back_has_half_a_minute(sqlite_database: Database) -> None:
    with clock.frozen(NOW) as hand:
        monitors = Monitors(sqlite_database, hand)
        everything = [f"device:{each.key}" for each in NETWORK.devices]
        monitors.say("good", *everything)
        hand.advance(60)
        monitors.say("bad", *everything)
        for _ in range(3):
            monitors.step(after=11)
        assert {element for element, _ in monitors.incidents()} == {"device:core"}
        monitors.say("good", *(each for each in everything if each != "device:xa"))
        for _ in range(5):
            monitors.step(after=5)
        assert ("device:xa", "open") not in monitors.incidents()
        for _ in range(3):
            monitors.step(after=5)
        assert ("device:xa", "open") in monitors.incidents()
