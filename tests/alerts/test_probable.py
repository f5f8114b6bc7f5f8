"""The first line of an incident says what probably caused it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alerts import ledger
from alerts.models import IncidentEvent
from hatang import clock, gates
from hatang.gates import Hint
from hatang.i18n import language
from tests.alerts.test_step import NETWORK, Monitors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.db import AnySession, Database

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PLAN = ledger.Plan(["http://127.0.0.1:9093"])


class Known:
    """Knows what happened to some devices; each text says its language."""

    def __init__(self) -> None:
        self.told: list[Hint] = []
        self.asked: list[Sequence[str]] = []
        self.calls = 0

    def tell(self, device: str, minutes: float, text: str, *, is_local: bool = False) -> None:
        at = clock.now() - timedelta(minutes=minutes)
        hint = Hint(f"device:{device}", at, text, "test", "/changes/9", is_local=is_local)
        self.told.append(hint)

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        self.calls += 1
        self.asked.append(elements)
        return [
            Hint(h.element, h.at, f"{h.text} {language()}", h.source, h.link, h.is_local)
            for h in self.told
            if h.element in elements and (h.is_local or since <= h.at <= until)
        ]


@pytest.fixture
def known() -> Iterator[Known]:
    found = Known()
    gates.register(gates.CAUSE, found, name="test")
    yield found
    gates.clear()


@pytest.fixture
def monitors(sqlite_database: Database, known: Known) -> Iterator[Monitors]:
    with clock.frozen(NOW) as hand:
        made = Monitors(sqlite_database, hand)
        made.say("good", *(f"device:{each.key}" for each in NETWORK.devices))
        yield made


def opened(monitors: Monitors, *elements: str) -> dict[str, str]:
    """Let these go dark, and return what the first page says."""
    monitors.say("bad", *elements)
    for _ in range(3):
        monitors.step(after=11)
    with monitors.database.write() as session:
        (item,) = ledger.prepare(session, PLAN)
    return dict(item.annotations)


def test_lost_power_stands_in_the_first_line_of_the_page(monitors: Monitors, known: Known) -> None:
    known.tell("xa", 90, "ups-xa battery", is_local=True)
    told = opened(monitors, "device:xa")
    assert told["summary_en"].startswith(
        "DeviceUnreachable: Xã Tân Lập router (xa); probably ups-xa battery en, 90 minutes before"
    )
    assert "ups-xa battery vi, 90 phút trước đó" in told["summary_vi"]
    assert told["probable_en"] == "probably ups-xa battery en, 90 minutes before"


def test_power_that_another_site_lost_explains_nothing_here(
    monitors: Monitors, known: Known
) -> None:
    known.tell("hub1", 90, "ups-hub1 battery", is_local=True)
    assert opened(monitors, "device:xa")["probable_en"] == ""


def test_a_change_on_the_way_is_told_the_nearest_first_and_after_lost_power(
    monitors: Monitors, known: Known
) -> None:
    known.tell("core", 2, "far")
    known.tell("hub1", 30, "near")
    assert opened(monitors, "device:xa")["probable_en"] == "probably near en, 30 minutes before"
    known.tell("srv", 3, "change of it")
    known.tell("srv", 40, "battery", is_local=True)
    monitors.say("bad", "device:srv")
    monitors.step()
    monitors.step(after=11)
    assert [each["en"] for each in events(monitors)] == ["near en", "battery en"]


def test_a_change_more_than_an_hour_before_is_no_cause(monitors: Monitors, known: Known) -> None:
    known.tell("xa", 61, "old")
    assert opened(monitors, "device:xa")["probable_en"] == ""


def test_a_cause_that_moved_is_asked_for_anew(monitors: Monitors, known: Known) -> None:
    known.tell("hub1", 5, "local change")
    monitors.is_gone = True  # no live look says in time that the core is dead too
    assert opened(monitors, "device:hub1")["probable_en"]
    monitors.is_gone = False
    monitors.say("bad", *(f"device:{each.key}" for each in NETWORK.devices if each.key != "hub1"))
    for _ in range(3):
        monitors.step(after=11)
    with monitors.database.write() as session:
        items = ledger.prepare(session, PLAN)
    assert [each.annotations["element"] for each in items] == ["device:core"]
    assert items[0].annotations["probable_en"] == ""


def test_a_gate_is_asked_once_an_incident(monitors: Monitors, known: Known) -> None:
    opened(monitors, "device:xa")
    for _ in range(5):
        monitors.step(after=5)
    assert known.calls == 2  # in each language
    assert known.asked[0][0] == "device:xa"
    assert set(known.asked[0]) == {"device:xa", "device:hub1", "device:hub2", "device:core"}


def events(monitors: Monitors) -> list[dict[str, str]]:
    with monitors.database.read() as session:
        kinds = IncidentEvent.kind == "probable_cause"
        rows = session.scalars(select(IncidentEvent).where(kinds).order_by(IncidentEvent.id))
        return [row.detail for row in rows]


def test_a_gate_that_breaks_keeps_no_incident_from_opening(monitors: Monitors) -> None:
    class Broken:
        def hints(self, *_asked: object) -> Sequence[Hint]:
            raise ZeroDivisionError

    gates.register(gates.CAUSE, Broken(), name="broken")
    assert "cause_en" in opened(monitors, "device:xa")
