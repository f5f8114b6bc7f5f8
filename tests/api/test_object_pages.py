"""The pages of a circuit, a site and a device say whom to call, how wide, and what stands there."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from api.guard import LANGUAGE_COOKIE
from hatang import clock
from inventory import service
from inventory.models import Device
from monitors.models import ElementRow
from tests.api import province
from tests.api.browsing import signed_in
from tests.api.test_pages import english_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

    Look = Callable[[str], str]

pytestmark = pytest.mark.slow

MORE = """\
version: 1
tenants: [{slug: thue, name: Thuế tỉnh}]
contacts:
  - {code: ong-a, name: Nguyễn Văn An, function: Trực mạng, mobile: "0905 000 001", sites: [xa-05]}
sites:
  - {slug: xa-05, name: Trụ sở xã Vĩnh Xuân, unit: xa-05, kind: commune, phone: "0234 380 5000",
     tenant: thue}
racks: [{site: xa-05, name: R1, u_height: 27}, {site: dc, name: R2}]
zones: [{code: dmz, name: Vùng công khai, kind: dmz, unit: so-khcn, site: dc}]
software:
  - {name: FRR, version: "10.2", end_of_support: 2027-06-30}
  - {name: OpenSSH, version: "9.2", devices: [core-1]}
manufacturers: [{name: FRRouting}]
module_types: [{manufacturer: FRRouting, model: psu}]
devices:
  - {name: core-1, site: dc, role: core, platform: frr, rack: R2, position: 12, zone: dmz,
     software: FRR/10.2, serial: FOC1234,
     modules: [{bay: PSU1, manufacturer: FRRouting, model: psu, serial: PS1}]}
circuits:
  - {cid: VTL-002, provider: Viettel, a: dc, z: hub-2, commit_rate_kbps: 100000,
     upstream_rate_kbps: 50000, domestic_rate_kbps: 30000, international_rate_kbps: 2000,
     contract_number: HĐ 12/2025, contract_expires: 2020-12-20, hotline: "18008099"}
"""


@pytest.fixture
def look(app: FastAPI, sqlite_database: Database, people: People) -> Look:
    with sqlite_database.write() as session:
        plan = service.plan_import(session, province.SYSTEM, MORE, "more.yaml")
        service.apply_import(session, province.SYSTEM, plan, "test")
    page = signed_in(app, sqlite_database, people.operator)[0]
    page.cookies.set(LANGUAGE_COOKIE, "vi")

    def seen(path: str) -> str:
        answer = page.get(path)
        assert answer.status_code == 200
        assert not english_of(answer.text)
        return unescape(answer.text)

    return seen


def test_a_circuit_says_both_rates_its_contract_and_whom_to_call(look: Look) -> None:
    text = look("/circuits/VTL-002")
    for said in ("100 Mbit/s", "50 Mbit/s", "30 Mbit/s", "2 Mbit/s", "HĐ 12/2025", "20/12/2020",
                 "đã hết hạn", 'href="tel:18008099"', "<code>VTL-002</code>"):  # fmt: skip
        assert said in text, said


def test_a_site_says_whom_to_call_who_uses_it_and_its_racks(look: Look) -> None:
    text = look("/sites/xa-05")
    for said in ('href="tel:0234 380 5000"', "Nguyễn Văn An", "Trực mạng", 'tel:0905 000 001"',
                 "Thuế tỉnh", "/inventory/racks/xa-05/R1", "27 U"):  # fmt: skip
        assert said in text, said


def test_a_device_says_where_it_is_built_in_and_what_it_runs(look: Look) -> None:
    text = look("/devices/core-1")
    for said in ("/inventory/racks/dc/R2", "ô U 12", "Vùng công khai", "FRR/10.2", "30/06/2027",
                 "OpenSSH/9.2", "PSU1", "số sê-ri PS1", "FOC1234"):  # fmt: skip
        assert said in text, said


def test_a_sites_way_shows_the_state_of_each_circuit(look: Look, sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        hub = session.query(Device).filter_by(name="hub-1").one()
        session.add(
            ElementRow(
                element=f"interface:{hub.device_key}:eth1",
                kind="interface",
                owner=hub.device_key,
                name="eth1",
                monitor="monitor-0",
                scope_id=hub.scope_id,
                state="bad",
                cause="oper_down",
                since=clock.now(),
            )
        )
    legs = look("/sites/hub-1").split('<li class="route-leg">')[1:]
    assert ["state-bad" in leg and "VNPT-001" in leg for leg in legs] == [True]
    wide = look("/sites/hub-2").split('<li class="route-leg">')[1]
    assert "↓ 100 Mbit/s" in wide
    assert "↑ 50 Mbit/s" in wide


def test_coverage_is_counted_on_the_inventorys_page_and_names_what_is_missing(look: Look) -> None:
    card = look("/inventory").split('id="coverage"')[1]
    row = card.split("xã, phường, đặc khu đã nối mạng diện rộng")
    assert "<b>0/12</b>" in row[0].split("<tr>")[-1]
    assert "còn thiếu" in row[1].split("</tr>")[0]
    assert 'href="/inventory/units/xa-01"' in row[1].split("</tr>")[0]
