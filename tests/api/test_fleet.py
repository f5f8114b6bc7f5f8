"""The whole fleet and the drawing of the network, made once until something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from api.fleet import Fleet
from api.kept import KEPT
from hatang.auth import Actor, Role
from inventory import service as inventory
from monitors.models import ElementRow, TransitionRow
from tests.api import province
from tests.api.browsing import browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from httpx import Response
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


def again(client: TestClient, who: province.Person, path: str, etag: str) -> Response:
    answer: Response = client.get(path, headers={**who.headers, "If-None-Match": etag})
    return answer


@pytest.mark.parametrize("path", ["/api/v1/fleet", "/network/drawing"])
def test_what_is_known_is_not_sent_again(client: TestClient, people: People, path: str) -> None:
    first = client.get(path, headers=people.operator.headers)
    second = again(client, people.operator, path, first.headers["etag"])
    assert (second.status_code, second.content) == (304, b"")


def test_the_drawing_is_told_in_each_askers_language(client: TestClient, people: People) -> None:
    words = set()
    for code in ("vi", "en"):
        headers = {**people.operator.headers, "Cookie": f"hatang_language={code}"}
        words.add(client.get("/network/drawing", headers=headers).json()["nodes"][0]["word"])
    assert len(words) == 2


def changed(row: ElementRow) -> TransitionRow:
    """Return what a monitor writes beside an element whose state changed."""
    return TransitionRow(
        monitor=row.monitor,
        epoch="1",
        sequence=1,
        element=row.element,
        scope_id=row.scope_id,
        from_state="good",
        to_state="bad",
        cause=row.cause,
        at=row.since,
        evidence={},
    )


@pytest.mark.parametrize("path", ["/api/v1/fleet", "/network/drawing"])
def test_a_state_that_changed_is_told(
    client: TestClient, people: People, sqlite_database: Database, path: str
) -> None:
    alone = devices(client, people.operator)["rtr-10"]["device_key"]  # a drawing tells the worst
    first = client.get(path, headers=people.operator.headers)
    with sqlite_database.write() as session:
        one = select(ElementRow).where(ElementRow.element == f"device:{alone}")
        row = session.scalars(one).one()
        assert row.state == "good"
        row.state = "bad"
        session.add(changed(row))
    second = again(client, people.operator, path, first.headers["etag"])
    assert (second.status_code, second.content == first.content) == (200, False)


def test_a_change_of_the_inventory_makes_another(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    first = client.get("/api/v1/fleet", headers=people.operator.headers)
    with sqlite_database.write() as session:
        plan = inventory.plan_import(session, province.SYSTEM, MOVED, "moved.yaml")
        inventory.apply_import(session, province.SYSTEM, plan, "test")
    second = again(client, people.operator, "/api/v1/fleet", first.headers["etag"])
    assert second.status_code == 200
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
