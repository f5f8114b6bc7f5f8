from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from alerts import ledger, service, wording
from alerts.choices import Impact
from alerts.models import Incident, IncidentEffect
from hatang import clock
from hatang.auth import Actor, Role
from hatang.i18n import use_language
from inventory.models import Device, Site
from monitors.models import ElementRow
from tests.alerts.test_carrier_page import COMMUNES, URL, Worker, draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database, WriteSession


def supply(session: WriteSession) -> None:
    """Give each commune a UPS that works, fed by one company."""
    at = session.get_one(Site, 1).scope_id
    fed = {"power_company": "Điện lực Tân Lập", "power_hotline": "19006769"}
    session.execute(update(Site).where(Site.slug.in_(COMMUNES)).values(**fed))
    for number, name in enumerate(COMMUNES, start=2):
        key = f"ups-{name}"
        device = {"device_key": key, "name": key, "role": "ups", "platform": "ups"}
        session.add(Device(id=number + 50, scope_id=at, site_id=number, **device))
        row = {"kind": "ups", "owner": key, "name": "", "state": "good", "cause": "on_mains"}
        session.add(
            ElementRow(element=f"ups:{key}", monitor="m", scope_id=at, since=clock.now(), **row)
        )


class Grid(Worker):
    """A worker that sees the mains come and go."""

    def mains(self, state: str, cause: str) -> None:
        with self.database.write() as session:
            values = {"state": state, "cause": cause, "since": clock.now()}
            session.execute(update(ElementRow).where(ElementRow.kind == "ups").values(**values))


@pytest.fixture
def grid(sqlite_database: Database) -> Iterator[Grid]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        with sqlite_database.write() as session:
            draw(session)
            supply(session)
        yield Grid(sqlite_database, hand)


def test_a_power_cuts_page_names_the_company_its_hotline_and_the_ups(grid: Grid) -> None:
    grid.mains("degraded", "on_battery")
    grid.work(60)
    with grid.database.write() as session:
        (item,) = ledger.prepare(session, ledger.Plan([URL]))
    told = item.annotations
    assert told["summary_en"] == "PowerOutage: Điện lực Tân Lập; 19006769; 3 UPS on battery"
    assert told["call_vi"] == "Điện lực Tân Lập: 19006769"
    assert told["effects_en"] == "UPS without mains (3): ups-a, ups-b, ups-c"


def ups(name: str) -> IncidentEffect:
    at = {"element": f"ups:{name}", "name": name, "kind": "ups", "site": name, "people": 0}
    return IncidentEffect(incident_id=1, impact=Impact.DOWN, **at)


def incident(element: str, *parts: str) -> Incident:
    its = {"element": element, "name": "x", "site": "", "alertname": "Down", "parts": list(parts)}
    return Incident(id=1, **its)


def test_ups_behind_a_hub_that_failed_are_cut_off_and_not_called_without_mains() -> None:
    hub, effects = incident("device:hub"), [ups("a"), ups("b")]
    with use_language("en"):
        told = wording.described(hub, effects)
        assert "battery" not in wording.headline(hub, effects)
    assert told == "Cut off: 2: a, b"


def test_only_ups_that_a_power_cut_was_inferred_from_are_without_mains() -> None:
    effects = [ups("a"), ups("far")]
    cut = incident("power:EVN", "ups:a")
    with use_language("en"):
        lines = wording.described(cut, effects).splitlines()
    assert lines == ["UPS without mains (1): a", "Cut off: 1: far"]


def test_sites_that_go_dark_on_battery_belong_to_it_and_no_carrier_is_called(grid: Grid) -> None:
    grid.mains("degraded", "on_battery")
    grid.work(120)
    grid.say("bad")
    grid.mains("unknown", "device_silent")
    grid.work(120)
    (one,) = grid.incidents()
    assert one.element == "power:Điện lực Tân Lập"
    asker = Actor(7, "lan", frozenset({Role.OPERATOR}), None)
    with grid.database.read() as session:
        detail = service.get_incident(session, asker, one.id)
        calls = service.whom_to_call(session, asker, one, detail.effects)
    assert {each.name for each in detail.effects if each.kind == "site"} == set(COMMUNES)
    assert (calls.circuits, calls.is_power) == ((), True)
    assert calls.parties == ("Điện lực Tân Lập",)
