"""Every kind of the inventory for programs: typed, paged, filtered, without how to log in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from inventory import service, showing
from inventory.kinds.registry import KINDS
from tests.api import province

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

SECTIONS = [kind.section for kind in KINDS.values()]
PATH = "/api/v1/inventory"
# Beside what the test province has of its own: the same devices on other sites would be refused.
MORE = """\
version: 1
contacts:
  - {code: ong-a, name: Nguyễn Văn Huế, unit: so-khcn, mobile: "0905 000 001", sites: [dc, hub-1]}
  - {code: ong-b, name: Trần Văn B}
racks: [{site: dc, name: R1, u_height: 47}, {site: dc, name: R2}, {site: hub-1, name: R1}]
vlans: [{site: dc, vid: 10, name: quan-tri}, {vid: 4, name: chung}]
endpoints: [{code: ep-1, name: Codec, room: room-01, credential: never-to-be-told}]
"""


@pytest.fixture
def more(sqlite_database: Database, people: People) -> People:
    with sqlite_database.write() as session:
        plan = service.plan_import(session, province.SYSTEM, MORE, "more.yaml")
        service.apply_import(session, province.SYSTEM, plan, "test")
    return people


def test_a_kind_is_listed_in_part_sorted_and_filtered(client: TestClient, more: People) -> None:
    headers = more.operator.headers
    page = client.get(f"{PATH}/racks?site=dc&sort=-name&limit=1", headers=headers).json()
    assert (page["total"], page["limit"], len(page["items"])) == (2, 1, 1)
    assert page["items"][0]["key"] == "dc/R2"
    found = client.get(f"{PATH}/contacts?search=hue", headers=headers).json()["items"]
    assert [(one["code"], one["mobile"], one["sites"]) for one in found] == [
        ("ong-a", "0905 000 001", ["dc", "hub-1"])
    ]


@pytest.mark.parametrize(("section", "key"), [("vlans", "dc/10"), ("vlans", "4"),
                                              ("contacts", "ong-b")])  # fmt: skip
def test_an_element_is_got_by_its_key(
    client: TestClient, more: People, section: str, key: str
) -> None:
    for spelt in (key, quote(key, safe="")):
        answer = client.get(f"{PATH}/{section}/{spelt}", headers=more.operator.headers)
        assert answer.json()["key"] == key


@pytest.mark.parametrize("query", ["what=1", "credential=never-to-be-told", "sort=credential_x"])
def test_what_is_no_field_filters_and_sorts_nothing(
    client: TestClient, more: People, query: str
) -> None:
    answer = client.get(f"{PATH}/endpoints?{query}", headers=more.operator.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_how_to_log_in_is_not_told(client: TestClient, more: People) -> None:
    for path in ("endpoints", "endpoints/ep-1", "devices", "devices/core-1"):
        answer = client.get(f"{PATH}/{path}", headers=more.operator.headers)
        assert answer.status_code == 200
        for name in ("never-to-be-told", "lab-snmp", "lab-ssh"):
            assert name not in answer.text


def test_a_part_of_the_province_sees_its_own(client: TestClient, more: People) -> None:
    headers = more.outsider.headers
    keys = [one["key"] for one in client.get(f"{PATH}/racks", headers=headers).json()["items"]]
    assert keys == ["hub-1/R1"]
    assert client.get(f"{PATH}/racks/dc/R1", headers=headers).status_code == 404


@pytest.mark.slow
def test_each_kind_says_its_fields_and_filters_to_programs(shared_app: FastAPI) -> None:
    described = shared_app.openapi()
    for section in SECTIONS:
        operation = described["paths"][f"{PATH}/{section}"]["get"]
        asked = {one["name"] for one in operation["parameters"]}
        assert asked == {"limit", "offset", "search", "sort", *showing.columns(section)}
        told = described["components"]["schemas"][f"{section.title().replace('_', '')}Element"]
        assert list(told["properties"]) == ["key", *showing.told(section)]


def test_a_circuit_a_service_and_a_unit_leave_nothing_out(
    client: TestClient, people: People
) -> None:
    headers = people.operator.headers
    circuit = client.get("/api/v1/circuits", headers=headers).json()["items"][0]
    assert {"upstream_rate_kbps", "domestic_rate_kbps", "international_rate_kbps",
            "contract_number", "contract_expires", "type", "tenant"} <= circuit.keys()  # fmt: skip
    service_ = client.get("/api/v1/services", headers=headers).json()["items"][0]
    assert {"tier", "contact", "endpoints", "virtual_machines"} <= service_.keys()
    assert client.get("/api/v1/units", headers=headers).json()["items"][0]["aliases"] == []
    ports = client.get("/api/v1/devices/core-1/interfaces", headers=headers).json()["items"]
    assert {"mtu", "speed_kbps", "enabled", "untagged_vlan", "lag"} <= ports[0].keys()
