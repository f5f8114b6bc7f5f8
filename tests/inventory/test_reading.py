"""Lists: filtered by scope in SQL, searched without marks, stable under paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from hatang.auth import Actor, Role
from hatang.errors import DeniedError, InvalidInputError, NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Unit
from inventory.rows import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.rows import Page

    Lister = Callable[..., Page[Any]]

LISTS: tuple[Lister, ...] = (
    service.list_units,
    service.list_sites,
    service.list_devices,
    service.list_interfaces,
    service.list_links,
    service.list_circuits,
    service.list_services,
    service.list_rooms,
    service.list_bridges,
    service.list_registrars,
)

pytestmark = pytest.mark.usefixtures("province")


def viewer_of(database: Database, unit: str) -> Actor:
    with database.read() as session:
        scope_id = session.scalar(select(Unit.scope_id).where(Unit.code == unit))
    assert scope_id is not None
    return Actor(9, f"viewer of {unit}", frozenset({Role.VIEWER}), frozenset({scope_id}))


def test_each_list_has_rows_for_the_province_and_none_for_nobody(
    database: Database, engineer: Actor
) -> None:
    nobody = Actor(9, "nobody", frozenset({Role.VIEWER}), frozenset())
    with database.read() as session:
        for listing in LISTS:
            page = listing(session, engineer)
            assert page.total == len(page.items) > 0, listing
            assert listing(session, nobody).total == 0, listing


def test_each_list_needs_the_permission(database: Database) -> None:
    stranger = Actor(9, "stranger", frozenset(), None)
    with database.read() as session:
        for listing in LISTS:
            with pytest.raises(DeniedError):
                listing(session, stranger)


def test_a_commune_sees_its_own_and_nothing_else(database: Database) -> None:
    viewer = viewer_of(database, "xa-01")
    with database.read() as session:
        devices = [row.name for row in service.list_devices(session, viewer).items]
        links = [row.a_device for row in service.list_links(session, viewer).items]
        circuits = [row.cid for row in service.list_circuits(session, viewer).items]
        with pytest.raises(NotFoundError):
            service.get_device(session, viewer, "core-1")
    assert devices == ["rtr-01", "ups-01"]
    assert (links, circuits) == (["core-1"], ["VNPT-001"])


def test_search_needs_no_marks(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        page = service.list_units(session, engineer, Query(search="hue dong"))
        assert [unit.name for unit in page.items] == ["Xã Huế Đông"]
        assert service.list_units(session, engineer, Query(search="%")).total == 0


def test_pages_are_parts_of_one_order(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        pages = [
            service.list_devices(session, engineer, Query(sort="-role", limit=2, offset=offset))
            for offset in (0, 2, 4)
        ]
    names = [row.name for page in pages for row in page.items]
    assert len(set(names)) == len(names) == pages[0].total == 5
    assert pages[0].items[0].role == "ups"


def test_filters_are_exact(database: Database, engineer: Actor) -> None:
    query = Query(filters={"site": "dc", "role": "core"})
    with database.read() as session:
        (row,) = service.list_devices(session, engineer, query).items
    assert (row.name, row.manufacturer, row.model) == ("core-1", "FRRouting", "lab-router")
    assert row.credentials == {"ssh": "lab-ssh", "snmp": "lab-snmp"}


def test_all_wrong_parts_of_a_query_are_named(database: Database, engineer: Actor) -> None:
    query = Query(filters={"colour": "red"}, sort="-size", offset=-1)
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.list_devices(session, engineer, query)
    assert {problem.field for problem in caught.value.problems} == {"filters", "sort", "offset"}


def test_a_service_says_what_it_stands_on(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        rows = {row.code: row for row in service.list_services(session, engineer).items}
    assert (rows["portal"].runs_on, rows["portal"].depends_on) == (("srv-portal",), ("dns",))


def test_a_device_is_found_by_name_key_and_id(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        device = service.get_device(session, engineer, "core-1")
        assert service.get_device(session, engineer, device.id) == device
        assert service.get_device(session, engineer, device.device_key) == device


@pytest.mark.parametrize("limit", [1, 100])
def test_a_list_counts_only_when_its_page_is_full(
    database: Database, engineer: Actor, limit: int
) -> None:
    counted: list[str] = []
    with database.read() as session:
        session.connection()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: counted.append(a[2]))
        for listing in LISTS:
            counted.clear()
            page = listing(session, engineer, Query(limit=limit))
            lists = 3 if listing is service.list_services else 0
            full = len(page.items) == limit
            assert len(counted) == 1 + full + lists, listing


@pytest.mark.parametrize(("limit", "offset"), [(1, 0), (2, 1), (2, 99), (100, 0), (0, 0)])
def test_a_page_tells_how_many_there_are_whatever_part_it_shows(
    database: Database, engineer: Actor, limit: int, offset: int
) -> None:
    with database.read() as session:
        page = service.list_units(session, engineer, Query(limit=limit, offset=offset))
    assert page.total == 4


@pytest.mark.parametrize(
    ("listing", "filters"),
    [
        (service.list_devices, {}),
        (service.list_devices, {"unit": "so-khcn"}),
        (service.list_devices, {"manufacturer": "FRRouting", "site": "dc"}),
        (service.list_links, {"a_device": "core-1"}),
        (service.list_circuits, {"provider": "VNPT"}),
    ],
)
def test_a_full_page_counts_what_its_filter_lets_through(
    database: Database, engineer: Actor, listing: Lister, filters: dict[str, str]
) -> None:
    with database.read() as session:
        whole = listing(session, engineer, Query(filters=filters, limit=None))
        page = listing(session, engineer, Query(filters=filters, limit=1))
    assert page.total == len(whole.items) > 0


def test_counting_cables_joins_nothing_that_nobody_asked_of(
    database: Database, engineer: Actor
) -> None:
    asked: list[str] = []
    with database.read() as session:
        session.connection()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: asked.append(a[2]))
        service.list_links(session, engineer, Query(limit=1))
    assert "JOIN" in asked[0]
    assert "JOIN" not in asked[1]


def test_a_service_does_not_name_machines_and_services_beyond_reach(
    database: Database, engineer: Actor, load: Callable[[str], object]
) -> None:
    load(ELSEWHERE)
    viewer = viewer_of(database, "xa-01")
    with database.read() as session:
        (seen,) = service.list_services(session, viewer).items
        element = service.get_element(session, viewer, ElementKind.SERVICE, "kiosk")
        whole = service.get_element(session, engineer, ElementKind.SERVICE, "kiosk")
    assert (seen.code, seen.runs_on, seen.depends_on) == ("kiosk", ("rtr-01",), ())
    assert element.fields["runs_on"] == ("rtr-01",)
    assert whole.fields["runs_on"] == ("rtr-01", "srv-portal")
    assert whole.fields["depends_on"] == ("dns",)


ELSEWHERE = """\
version: 1
services:
  - {code: kiosk, name: Kiosk, kind: web, unit: xa-01, url: "https://kiosk.tinh.test/",
     runs_on: [rtr-01, srv-portal], depends_on: [dns]}
"""
