"""Whoever copied the scope of an element is asked when an import moves elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import gates
from inventory import service
from inventory.models import Device
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.auth import Actor
    from hatang.db import Database, WriteSession
    from inventory.planning import ImportPlan


class Follower:
    """Keeps the scopes of rtr-02 that it was shown."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def follow(self, session: WriteSession) -> None:
        """Look where the device stands in the transaction."""
        device = select(Device.scope_id).where(Device.name == "rtr-02")
        self.seen += session.scalars(device)


@pytest.fixture
def follower() -> Iterator[Follower]:
    gates.clear()
    found = Follower()
    gates.register(gates.SCOPE, found, name="test")
    yield found
    gates.clear()


@pytest.mark.usefixtures("province")
def test_a_site_given_to_another_unit_takes_its_copies_along(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan], follower: Follower
) -> None:
    load(PROVINCE.replace("people: 25", "people: 26"))
    assert follower.seen == []
    load(PROVINCE.replace("unit: xa-02,", "unit: xa-01,"))
    with database.write() as session:
        there = service.get_device(session, engineer, "rtr-02").scope_id
        newest = max(row.id for row in service.list_imports(session, engineer).items)
        service.undo_import(session, engineer, newest, "test")
        back = service.get_device(session, engineer, "rtr-02").scope_id
    assert follower.seen == [there, back]
    assert there != back
