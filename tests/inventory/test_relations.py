"""What hides a device and who hangs on an element, told by name and within the asker's reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Link, Unit
from inventory.network import Element

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan
    from inventory.service import Affected, Upstream

pytestmark = pytest.mark.usefixtures("province")
CABLE = "core-1:eth1 -- rtr-01:eth0"


def reaching(database: Database, actor: Actor, unit: str) -> Actor:
    with database.read() as session:
        own = session.scalars(select(Unit.scope_id).where(Unit.code == unit)).one()
    return replace(actor, scope_ids=frozenset({own}))


def upstream(database: Database, actor: Actor, device: str) -> Upstream:
    with database.read() as session:
        return service.upstream(session, actor, service.load_topology(session), device)


def affected(database: Database, actor: Actor, kind: ElementKind, key: str) -> Affected:
    with database.read() as session:
        drawn = service.load_topology(session)
        return service.affected(session, actor, drawn, Element(kind, key))


def test_what_hides_a_device_is_told_by_the_names_people_use(
    database: Database, engineer: Actor
) -> None:
    found = upstream(database, engineer, "rtr-01")
    assert (found.device, found.is_placed, found.hidden) == ("rtr-01", True, 0)
    assert [(one.kind, one.key) for one in found.elements] == [
        ("device", "core-1"),
        ("link", CABLE),
        ("circuit", "VNPT-001"),
    ]


def test_what_lies_beyond_reach_is_counted_and_not_named(
    database: Database, engineer: Actor
) -> None:
    found = upstream(database, reaching(database, engineer, "xa-01"), "rtr-01")
    assert [one.key for one in found.elements] == [CABLE, "VNPT-001"]
    assert found.hidden == 1


def test_of_a_detached_device_nothing_is_known(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load("version: 1\ndevices: [{name: alone, site: xa-02-site, role: commune-router,"
         " platform: frr}]")  # fmt: skip
    found = upstream(database, engineer, "alone")
    assert (found.is_placed, found.elements) == (False, ())


@pytest.mark.slow
def test_each_kind_of_element_can_be_asked_to_fail(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        cable = session.scalars(select(Link.id).order_by(Link.id)).first()
    asked = ((ElementKind.CIRCUIT, "VNPT-001"), (ElementKind.LINK, CABLE),
             (ElementKind.LINK, str(cable)), (ElementKind.DEVICE, "rtr-01"),
             (ElementKind.SITE, "xa-01-site"))  # fmt: skip
    for kind, key in asked:
        found = affected(database, engineer, kind, key)
        assert [one.name for one in found.devices.items] == ["rtr-01", "ups-01"], (kind, key)
        assert [one.key for one in found.rooms.items] == ["room-xa-01"]
        assert found.people == 25
    dns = affected(database, engineer, ElementKind.SERVICE, "dns")
    assert [one.key for one in dns.services.items] == ["portal", "dns"]
    assert dns.people is None


def test_only_what_the_asker_sees_is_affected(database: Database, engineer: Actor) -> None:
    local = reaching(database, engineer, "xa-02")
    with pytest.raises(NotFoundError):
        affected(database, local, ElementKind.CIRCUIT, "VNPT-001")
    found = affected(database, local, ElementKind.LINK, "core-1:eth2 -- rtr-02:eth0")
    assert [one.key for one in found.sites.items] == ["xa-02-site"]


@pytest.mark.parametrize(
    ("kind", "key"),
    [(ElementKind.LINK, "999999"), (ElementKind.LINK, "a:b -- c:d"), (ElementKind.DEVICE, "no"),
     (ElementKind.CIRCUIT, "no"), (ElementKind.RACK, "dc/R1")],
)  # fmt: skip
def test_what_is_not_there_is_said_to_be_missing(
    database: Database, engineer: Actor, kind: ElementKind, key: str
) -> None:
    with pytest.raises(NotFoundError):
        affected(database, engineer, kind, key)
