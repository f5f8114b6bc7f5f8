"""The way from a site to the data centre."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.errors import NotFoundError
from inventory import service
from inventory.models import Unit
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan
    from inventory.service import Route

SECOND = """
circuits:
  - {cid: VNPT-001, provider: VNPT, a: dc, z: xa-01-site, commit_rate_kbps: 20000}
  - {cid: VTL-002, provider: VNPT, a: dc, z: xa-01-site, commit_rate_kbps: 10000}
links:
  - {a: "core-1:eth7", b: "rtr-01:eth7", circuit: VTL-002}
"""


def route(database: Database, actor: Actor, site: str) -> Route | None:
    with database.read() as session:
        return service.site_route(session, actor, service.load_topology(session), site)


@pytest.mark.usefixtures("province")
def test_a_route_names_devices_ports_and_the_carrier_from_the_site_outwards(
    database: Database, engineer: Actor
) -> None:
    found = route(database, engineer, "xa-01-site")
    assert found is not None
    assert [point.name for point in found.waypoints] == ["rtr-01", "core-1"]
    (leg,) = found.legs
    assert (leg.out_interface, leg.in_interface) == ("eth0", "eth1")
    assert (leg.circuit, leg.provider, leg.hotline) == ("VNPT-001", "VNPT", "18001260")
    assert found.narrowest_forth_kbps == 20_000


@pytest.mark.usefixtures("province")
def test_a_route_without_a_known_rate_has_no_capacity(database: Database, engineer: Actor) -> None:
    found = route(database, engineer, "xa-02-site")
    assert found is not None
    assert found.narrowest_forth_kbps is None


@pytest.mark.usefixtures("province")
def test_a_single_line_has_no_spare_and_cuts_alone(database: Database, engineer: Actor) -> None:
    found = route(database, engineer, "xa-01-site")
    assert found is not None
    assert not found.has_spare
    assert "VNPT-001" in {element.key for element in found.single_points}


def test_a_second_line_is_a_spare(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE)
    load(f"version: 1{SECOND}")
    found = route(database, engineer, "xa-01-site")
    assert found is not None
    assert found.has_spare
    assert "VNPT-001" not in {element.key for element in found.single_points}


def test_a_site_that_no_link_leads_to_has_no_route(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace('  - {a: "core-1:eth2", b: "rtr-02:eth0"}\n', ""))
    assert route(database, engineer, "xa-02-site") is None


@pytest.mark.usefixtures("province")
def test_devices_beyond_the_askers_scope_are_not_named(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        own = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-01")).one()
    local = replace(engineer, scope_ids=frozenset({own}))
    found = route(database, local, "xa-01-site")
    assert found is not None
    assert [point.name for point in found.waypoints] == ["rtr-01", None]
    assert found.legs[0].circuit == "VNPT-001"
    with pytest.raises(NotFoundError):
        route(database, local, "xa-02-site")


BEHIND = """
devices:
  - {name: rtr-03, site: xa-02-site, role: switch, platform: cisco_ios}
links:
  - {a: "rtr-01:eth9", b: "rtr-03:eth1"}
"""


def test_lines_beyond_the_askers_scope_are_hidden_but_count(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace('  - {a: "core-1:eth2", b: "rtr-02:eth0"}\n', ""))
    load(f"version: 1{BEHIND}")
    with database.read() as session:
        own = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-02")).one()
    found = route(database, replace(engineer, scope_ids=frozenset({own})), "xa-02-site")
    assert found is not None
    assert [leg.is_hidden for leg in found.legs] == [False, True]
    assert found.legs[1].circuit is None
    assert found.narrowest_forth_kbps == 20_000
    assert "VNPT-001" not in {element.key for element in found.single_points}


def test_the_topology_is_read_again_only_after_a_change(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE)
    current = service.Current(service.load_topology)
    with database.read() as session:
        first = current(session)
        assert current(session) is first
    load(f"version: 1{SECOND}")
    with database.read() as session:
        second = current(session)
    assert len(second.network.links) == len(first.network.links) + 1


ONE_SIDED = """
circuits:
  - cid: VNPT-001
    provider: VNPT
    a: {a}
    z: {z}
    commit_rate_kbps: 20000
    upstream_rate_kbps: 5000
    hotline: "18001166"
"""


@pytest.mark.parametrize(
    ("a", "z", "forth", "back"),
    [
        ("dc", "xa-01-site", 5_000, 20_000),
        ("xa-01-site", "dc", 20_000, 5_000),
        ("xa-02-site", "xa-02-site", None, None),
    ],
)
def test_a_leg_is_as_wide_each_way_as_its_circuit_towards_that_end(
    database: Database,
    engineer: Actor,
    load: Callable[[str], ImportPlan],
    *,
    a: str,
    z: str,
    forth: int | None,
    back: int | None,
) -> None:
    load(PROVINCE)
    load(f"version: 1{ONE_SIDED.format(a=a, z=z)}")
    found = route(database, engineer, "xa-01-site")
    assert found is not None
    (leg,) = found.legs
    assert (leg.forth_kbps, leg.back_kbps) == (forth, back)
    assert (found.narrowest_forth_kbps, found.narrowest_back_kbps) == (forth, back)
    assert leg.hotline == "18001166"  # the contract's own, not the provider's


@pytest.mark.usefixtures("province")
def test_the_way_between_two_devices_runs_through_what_joins_them(
    database: Database, engineer: Actor
) -> None:
    with database.read() as session:
        topology = service.load_topology(session)
        way = service.way_between(session, engineer, topology, "rtr-01", "rtr-02")
        home = service.way_between(session, engineer, topology, "rtr-02")
        with pytest.raises(NotFoundError):
            service.way_between(session, engineer, topology, "rtr-01", "nowhere")
    assert way is not None
    assert home is not None
    assert [point.name for point in way.waypoints] == ["rtr-01", "core-1", "rtr-02"]
    assert [leg.circuit for leg in way.legs] == ["VNPT-001", None]
    assert (way.narrowest_forth_kbps, way.narrowest_back_kbps) == (20_000, 20_000)
    assert [point.name for point in home.waypoints] == ["rtr-02", "core-1"]
