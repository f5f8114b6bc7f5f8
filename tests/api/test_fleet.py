"""The whole fleet as bytes made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from api.fleet import KEPT, Fleet
from hatang.auth import Actor, Role
from inventory import service as inventory
from tests.api import province
from tests.api.browsing import browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

MOVED = "version: 1\ndevices: [{name: core-1, site: hub-1, role: core, platform: frr}]\n"


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


def devices(client: TestClient, who: province.Person) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/fleet", headers=who.headers)
    return {one["name"]: one for one in answer.json()["devices"]}


def test_every_device_is_there_with_its_state(client: TestClient, people: People) -> None:
    found = devices(client, people.operator)
    assert len(found) == 23
    assert found["core-1"]["state"] == "good"


def test_what_is_known_is_not_sent_again(client: TestClient, people: People) -> None:
    first = client.get("/api/v1/fleet", headers=people.operator.headers)
    again = client.get(
        "/api/v1/fleet",
        headers={**people.operator.headers, "If-None-Match": first.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_of_the_inventory_makes_another(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    first = client.get("/api/v1/fleet", headers=people.operator.headers)
    with sqlite_database.write() as session:
        plan = inventory.plan_import(session, province.SYSTEM, MOVED, "moved.yaml")
        inventory.apply_import(session, province.SYSTEM, plan, "test")
    again = client.get(
        "/api/v1/fleet",
        headers={**people.operator.headers, "If-None-Match": first.headers["etag"]},
    )
    assert again.status_code == 200
    assert devices(client, people.operator)["core-1"]["site"] == "hub-1"


def test_nobody_sees_another_scopes_devices(client: TestClient, people: People) -> None:
    whole, near, far = (
        devices(client, who).keys() for who in (people.operator, people.colleague, people.outsider)
    )
    assert "hub-2" in near
    assert "hub-2" not in far
    assert near | far < whole


@pytest.fixture
def counted(sqlite_database: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(*given: Any) -> None:
        found.append(given[2])

    event.listen(sqlite_database.engine, "before_cursor_execute", note)
    yield found
    event.remove(sqlite_database.engine, "before_cursor_execute", note)


def test_nothing_is_read_again_while_nothing_changed(
    sqlite_database: Database, counted: list[str]
) -> None:
    fleet, actor = Fleet(), province.SYSTEM
    with sqlite_database.read() as session:
        first = fleet(session, actor)
        counted.clear()
        assert fleet(session, actor) is first
    assert not [text for text in counted if "inventory_device" in text]


def test_only_so_many_scopes_are_kept(sqlite_database: Database) -> None:
    fleet = Fleet()
    with sqlite_database.read() as session:
        first = fleet(session, province.SYSTEM)
        for number in range(KEPT):
            fleet(session, Actor(9, "x", frozenset({Role.VIEWER}), frozenset({number + 1})))
        assert fleet(session, province.SYSTEM) is not first
