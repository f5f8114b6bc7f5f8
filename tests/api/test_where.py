"""Where an address is plugged in is told over HTTP and by the search box."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import clock
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.models import Device, Station, StationAddress
from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

MAC = "02:00:00:00:99:01"


@pytest.fixture(autouse=True)
def seen(sqlite_database: Database) -> None:
    """A computer was seen on a port of hub-1."""
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        keys = {"scope_id": device.scope_id, "device_key": device.device_key, "mac": MAC}
        sight = Station(**keys, port="eth7", vlan=20, count=3, seen_at=clock.now())
        session.add(sight)
        session.add(StationAddress(**keys, address="10.250.9.77", seen_at=clock.now()))


def test_an_address_is_told_with_its_port(client: TestClient, people: People) -> None:
    headers = people.operator.headers
    (found,) = client.get("/api/v1/where/10.250.9.77", headers=headers).json()
    assert (found["device"], found["port"], found["vlan"], found["count"]) == (
        "hub-1",
        "eth7",
        20,
        3,
    )
    assert (found["mac"], found["addresses"]) == (MAC, ["10.250.9.77"])


@pytest.mark.parametrize(("asked", "status"), [("10.9.9.9", 404), ("hub-1", 422)])
def test_what_nobody_told_and_what_is_no_address_are_refused(
    client: TestClient, people: People, asked: str, status: int
) -> None:
    answer = client.get(f"/api/v1/where/{asked}", headers=people.operator.headers)
    assert answer.status_code == status, answer.text


def test_who_does_not_see_the_device_is_not_told(client: TestClient, people: People) -> None:
    answer = client.get(f"/api/v1/where/{MAC}", headers=people.colleague.headers)
    assert answer.status_code == 404


def test_the_search_box_tells_the_port_of_an_address(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    browser, _ = signed_in(app, sqlite_database, people.operator)
    text = unescape(browser.get("/search?search=0200.0000.9901").text)
    assert 'href="/devices/hub-1"' in text
    assert "eth7, VLAN 20" in text


def test_a_device_page_shows_what_is_intended_beside_what_was_observed(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        facts = {"serial": "SEEN", "sys_location": "Tầng 2"}
        inventory.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
    browser, _ = signed_in(app, sqlite_database, people.operator)
    text = unescape(browser.get("/devices/hub-1").text)
    assert '<span class="value">SEEN</span>' in text
    assert '<span class="value">Tầng 2</span>' in text
    assert "chưa ghi trong danh mục" in text or "not written down" in text
