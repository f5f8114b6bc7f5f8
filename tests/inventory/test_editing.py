"""A rename keeps the history; a cable taken away frees its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.auth import Actor, Role
from hatang.errors import ConflictError, InvalidInputError, NotFoundError
from inventory import service
from inventory.rows import Query
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.usefixtures("province")


def test_a_renamed_device_keeps_its_key_and_cables(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        before = service.get_device(session, engineer, "rtr-01")
        service.rename_device(session, engineer, "rtr-01", "rtr-tan-lap")
    with database.read() as session:
        after = service.get_device(session, engineer, "rtr-tan-lap")
        links = service.list_links(session, engineer, Query(filters={"z_device": "rtr-tan-lap"}))
        found = service.list_devices(session, engineer, Query(search="tan-lap"))
    assert (after.device_key, links.total, found.total) == (before.device_key, 1, 1)


@pytest.mark.parametrize(
    ("name", "error"), [("core-1", ConflictError), ("a\nhostname b", InvalidInputError)]
)
def test_a_bad_name_is_refused(
    database: Database, engineer: Actor, name: str, error: type[Exception]
) -> None:
    with database.write() as session, pytest.raises(error):
        service.rename_device(session, engineer, "rtr-01", name)


def test_outside_the_scope_there_is_nothing_to_rename(database: Database) -> None:
    outsider = Actor(9, "outsider", frozenset({Role.ENGINEER}), frozenset())
    with database.write() as session, pytest.raises(NotFoundError):
        service.rename_device(session, outsider, "rtr-01", "x")


def test_a_cable_moves_by_taking_it_away_first(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    moved = PROVINCE.replace('"rtr-02:eth0"', '"rtr-02:eth9"')
    with pytest.raises(InvalidInputError, match="already holds the cable"):
        load(moved)
    query = Query(filters={"z_device": "rtr-02"})
    with database.write() as session:
        (link,) = service.list_links(session, engineer, query).items
        service.delete_link(session, engineer, link.id)
    load(moved)
    with database.read() as session:
        (link,) = service.list_links(session, engineer, query).items
    assert link.z_interface == "eth9"
