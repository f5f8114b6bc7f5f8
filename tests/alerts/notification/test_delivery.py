from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from alerts.alertmanager import Alertmanager
from alerts.notification import delivery
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

PAGE = """# TYPE alertmanager_notification_requests_total counter
alertmanager_notification_requests_total{{integration="email"}} 0
alertmanager_notification_requests_total{{integration="webhook"}} {sent}
# TYPE alertmanager_notification_requests_failed_total counter
alertmanager_notification_requests_failed_total{{integration="email"}} 0
alertmanager_notification_requests_failed_total{{integration="webhook"}} {failed}
"""
URLS = ("http://good", "http://dead")


class World:
    """Two Alertmanagers: one whose counters we set, one that is not there."""

    def __init__(self, database: Database, hand: Hand) -> None:
        self.database, self.hand = database, hand
        self.sent = self.failed = 0
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.members = [Alertmanager(url, client) for url in URLS]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "dead":
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200, text=PAGE.format(sent=self.sent, failed=self.failed))

    def look(self, *, sent: int = 0, failed: int = 0, after: float = 15) -> list[str]:
        self.hand.advance(after)
        self.sent, self.failed = self.sent + sent, self.failed + failed
        delivery.DeliveryWatch(self.database, self.members[:1]).look()
        with self.database.read() as session:
            return [each.integration for each in delivery.troubles(session, URLS)]


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        yield World(database, hand)


def test_what_gets_through_is_no_trouble(world: World) -> None:
    assert world.look(sent=3) == []


def test_a_receiver_that_refuses_is_shown_until_it_took_something_for_a_while(
    world: World,
) -> None:
    assert world.look(sent=1, failed=1) == ["webhook"]
    assert world.look() == ["webhook"], "nothing new says nothing"
    assert world.look(sent=1, after=30) == ["webhook"], "another of its kind may have taken it"
    assert world.look(sent=1, after=120) == []


def test_a_restart_of_alertmanager_counts_anew(world: World) -> None:
    world.look(sent=10, failed=5)
    world.sent = world.failed = 0
    assert world.look(after=600) == ["webhook"]
    assert world.look(sent=2, after=600) == []


def test_an_alertmanager_that_is_not_there_is_named_and_keeps_no_other_waiting(
    world: World,
) -> None:
    world.sent = world.failed = 1
    delivery.DeliveryWatch(world.database, world.members[::-1]).look()
    with world.database.read() as session:
        found = delivery.troubles(session, URLS)
    assert [(each.alertmanager, each.integration) for each in found] == [
        ("http://dead", ""),
        ("http://good", "webhook"),
    ]
    assert "nobody there" in str(found[0])
