"""A NetBox comes in as its objects say, with every problem at its object's path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import DriverError, InvalidInputError
from inventory import service
from inventory.choices import ElementKind
from inventory.sources.mapping import Mapping
from inventory.sources.netbox import client, fetch, translate
from tests.inventory.sources.netbox import Netbox, address, province, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan
    from inventory.sources.document import Document

pytestmark = pytest.mark.slow

BEFORE = "version: 1\nunits: [{code: tinh, name: Tỉnh, kind: province}]\n"
MAPPING = Mapping.model_validate(
    {
        "roles": {"core-switch": "core", "patch-panel": None},
        "units": {"bac": "tinh", "thue": "tinh"},
        "site_kinds": {"dc": "datacentre"},
        "defaults": {"site_kind": "commune"},
    }
)


def read(netbox: Netbox, mapping: Mapping = MAPPING) -> Document:
    with serving(netbox) as found:
        return translate(fetch(found), mapping)


@pytest.fixture
def imported(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> Callable[[Document], ImportPlan]:
    load(BEFORE)

    def run(document: Document) -> ImportPlan:
        with database.write() as session:
            plan = service.plan_import(session, engineer, document)
            return service.apply_import(session, engineer, plan, "test")

    return run


def rows(document: Document, section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.tree.root[section]
    return found


def test_everything_comes_in_and_a_second_time_nothing_is_left_to_do(
    imported: Callable[[Document], ImportPlan],
) -> None:
    first = imported(read(Netbox(province())))
    kinds = {row.kind for row in first.created}
    assert {ElementKind(one) for one in (
        "tenant", "contact", "site", "location", "rack", "manufacturer", "device_type",
        "module_type", "device", "module", "interface", "link", "cluster", "virtual_machine",
        "vrf", "vlan", "prefix", "address", "provider", "circuit",
    )} == kinds  # fmt: skip
    assert imported(read(Netbox(province()))).is_empty


def test_objects_become_rows_by_natural_keys() -> None:
    document = read(Netbox(province()))
    core, edge = rows(document, "devices")
    assert (core["role"], core["platform"], core["primary_ip4"]) == (
        "core",
        "cisco_ios",
        "10.1.0.1",
    )
    assert (edge["site"], edge["tenant"], edge["role"]) == ("xa", "thue", "router")
    assert rows(document, "sites")[0]["address"] == "1 Lê Lợi Huế"
    assert rows(document, "contacts")[0]["code"] == "do-van-lan"
    assert rows(document, "contacts")[0]["sites"] == ["xa"]
    assert rows(document, "interfaces")[0]["untagged_vlan"] == "dc/10"
    (circuit,) = rows(document, "circuits")
    assert (circuit["a"], circuit["z"], circuit["status"]) == ("dc", "xa", "staging")


def test_a_cable_over_a_circuit_joins_its_two_ports() -> None:
    (link,) = rows(read(Netbox(province())), "links")
    assert link == {"a": "core-1:Gi0/0", "b": "rtr-1:Gi0/0", "circuit": "VNPT-1"}


@pytest.mark.parametrize(("version", "size"), [("4.2", 41), ("4.0", 40960), ("", 40960)])
def test_a_disk_is_read_in_the_unit_of_its_version(version: str, size: int) -> None:
    (machine,) = rows(read(Netbox(province(), version)), "virtual_machines")
    assert machine["disk_gb"] == size


def test_what_has_no_place_here_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    told = "\n".join(read(Netbox(province())).notes)
    for text in ("1 devices are left out", "1 circuits are left out", "mode q-in-q", "dcim.region"):
        assert text in told


def test_a_word_that_is_unknown_names_the_object_and_how_to_map_it(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(BEFORE)
    document = read(Netbox(province()), Mapping())
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_import(session, engineer, document)
    told = [str(problem) for problem in caught.value.problems]
    (role,) = [one for one in told if "/api/dcim/devices/1/]: role" in one]
    assert "'core-switch'" in role
    assert "--map, under `roles`" in role
    assert any("/api/dcim/sites/2/]: unit: is missing" in one for one in told)
    assert any("/api/dcim/devices/3/]: name: is missing" in one for one in told)


def test_an_object_that_stands_twice_names_the_first(
    imported: Callable[[Document], ImportPlan],
) -> None:
    things = province()
    things["ipam/vrfs"] += [{**things["ipam/vrfs"][0], "id": 2, "url": ""}]
    with pytest.raises(InvalidInputError, match=r"/api/ipam/vrfs/2/.*first /api/ipam/vrfs/1/"):
        imported(read(Netbox(things)))


def test_pages_are_all_read_however_small_and_wherever_next_points() -> None:
    things = province()
    sample = things["ipam/vrfs"][0]
    things["ipam/vrfs"] = [{**sample, "id": number, "name": f"v{number}"} for number in range(137)]
    assert len(rows(read(Netbox(things, page=10)), "vrfs")) == 137


def test_an_old_netbox_lacks_what_it_is_too_old_for() -> None:
    things = province()
    del things["dcim/modules"], things["tenancy/contact-assignments"]
    assert any("dcim/modules" in note for note in read(Netbox(things)).notes)


def test_an_endpoint_that_every_netbox_has_is_not_taken_for_empty() -> None:
    things = province()
    del things["dcim/devices"]
    with pytest.raises(DriverError, match="dcim/devices/ answers 404"):
        read(Netbox(things))


def test_a_wrong_token_is_told_without_what_the_server_wrote() -> None:
    with serving(Netbox(province())) as found, pytest.raises(DriverError) as caught:
        fetch(address(found.url, "f" * 40))
    assert "403" in str(caught.value)
    assert "Invalid" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"[1]",
        b"{}",
        b'{"count":1,"next":null,"results":[1]}',
        b"<html>",
        b'{"results":{}}',
        b'{"count":"x","next":null,"results":[]}',
    ],
)
def test_what_is_no_netbox_is_told(body: bytes) -> None:
    with pytest.raises(DriverError, match=r"tenancy/tenants"):
        read(Netbox(province(), raw={"tenancy/tenants": body}))


def test_it_is_not_led_to_another_server() -> None:
    with pytest.raises(DriverError, match="leads to another server"):
        read(Netbox(province(), redirect="http://192.0.2.1/api/"))


def test_this_machine_is_refused_outside_the_lab() -> None:
    with serving(Netbox(province())) as found, pytest.raises(DriverError, match="loopback"):
        fetch(address(found.url, lab=False))


def test_a_netbox_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_OBJECTS", 5)
    with pytest.raises(DriverError, match="more than 5 objects"):
        read(Netbox(province()))


@pytest.mark.parametrize("count", [3, 10**9])
def test_a_list_that_ends_before_its_count_is_not_taken_for_whole(count: int) -> None:
    body = json.dumps({"count": count, "next": "x", "results": []}).encode()
    with pytest.raises(DriverError, match="ipam/vrfs"):
        read(Netbox(province(), raw={"ipam/vrfs": body}))


def test_objects_that_move_between_pages_are_not_taken_for_whole() -> None:
    things = province()
    things["ipam/vrfs"] *= 2
    with pytest.raises(DriverError, match="changed while it was read"):
        read(Netbox(things))
