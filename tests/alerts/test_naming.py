from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.naming import meant
from hatang import clock
from inventory.models import Circuit, Link, Provider
from monitors.models import ElementRow
from tests.alerts.drawing import draw

if TYPE_CHECKING:
    from hatang.db import Database


@pytest.fixture
def link(database: Database) -> int:
    with database.write() as session:
        number = draw(session)
        session.add(Provider(id=1, name="VNPT"))
        session.flush()
        circuit = Circuit(id=1, scope_id=1, cid="HUE-0042", provider_id=1)
        circuit.a_site_id, circuit.z_site_id = 1, 2
        session.add(circuit)
        session.flush()
        session.get_one(Link, number).circuit_id = 1
        row = ElementRow(element="interface:key-hub:eth1", kind="interface", owner="key-hub")
        row.name, row.monitor, row.state, row.cause = "", "m", "good", "answered"
        row.since, row.scope_id = clock.now(), 1
        session.add(row)
    return number


@pytest.mark.parametrize(
    ("name", "element"),
    [
        ("hub", "device:key-hub"),
        ("device:hub", "device:key-hub"),
        ("device:key-hub", "device:key-hub"),
        ("site:hub", "device:key-hub"),
        ("interface:hub:eth1", "interface:key-hub:eth1"),
        ("circuit:HUE-0042", "link:{link}"),
        ("link:{link}", "link:{link}"),
    ],
)
def test_what_people_call_a_thing_is_the_element_that_is_watched(
    database: Database, link: int, name: str, element: str
) -> None:
    with database.read() as session:
        assert meant(session, name.format(link=link)) == {element.format(link=link): 1}


@pytest.mark.parametrize(
    "name",
    ["", ":", "nobody", "site:nowhere", "circuit:x", "link:x", "link:٣", "interface:hub:eth9"],
)
def test_what_is_nothing_means_nothing(database: Database, link: int, name: str) -> None:
    assert link
    with database.read() as session:
        assert meant(session, name) == {}
