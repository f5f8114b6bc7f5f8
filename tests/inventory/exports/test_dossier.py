"""What a system's dossier lists, and what it leaves out."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from hatang.auth import Actor, Role
from hatang.errors import InvalidInputError, NotFoundError
from inventory.exports import dossier
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

MORE = """\
zones:
  - {code: dmz, name: Vùng DMZ, kind: dmz, site: dc}
  - {code: xa, name: Xã, kind: lan, unit: xa-02}
software:
  - {name: Debian, version: "12", end_of_support: 2028-06-30, devices: [srv-portal]}
  - {name: IOS, version: "15", devices: [rtr-02]}
vlans: [{site: dc, vid: 10, name: may-chu}]
prefixes: [{prefix: 10.250.9.0/24, site: dc, vlan: dc/10, zone: dmz}]
clusters: [{name: kvm, site: dc}]
contacts: [{code: lan, name: "=1+1", phone: "0234"}]
"""
EXTRA = """\
version: 1
devices:
  - {name: srv-portal, site: dc, role: server, platform: linux, zone: dmz, software: Debian/12}
  - {name: host-1, site: dc, role: hypervisor, platform: linux, cluster: kvm}
virtual_machines: [{name: vm-portal, cluster: kvm, site: dc}]
services:
  - {code: portal, name: "=cmd|x", kind: web, unit: so-khcn, virtual_machines: [vm-portal],
     contact: lan, level: 3}
  - {code: other, name: Khác, kind: web, unit: xa-02, runs_on: [rtr-02]}
addresses: [{address: 10.250.9.11/24, virtual_machine: vm-portal}]
"""


@pytest.fixture
def filled(database: Database, load: Callable[[str], ImportPlan]) -> Database:
    load(PROVINCE + MORE)
    load(EXTRA)
    return database


def names(found: dossier.Dossier, section: str) -> list[Any]:
    return [row[0] for row in found.tables[section].rows]


def portal(database: Database, actor: Actor, language: str = "vi") -> dossier.Dossier:
    with database.read() as session:
        return dossier.service_dossier(session, actor, "portal", language)


def test_a_system_lists_what_it_stands_on(filled: Database, engineer: Actor) -> None:
    found = portal(filled, engineer)
    assert names(found, "services") == ["dns", "portal"]
    # The core router carries its site's traffic; the hypervisor runs its machine.
    assert names(found, "devices") == ["core-1", "host-1", "srv-portal"]
    assert names(found, "virtual_machines") == ["vm-portal"]
    assert names(found, "zones") == ["dmz"]
    assert names(found, "prefixes") == ["10.250.9.0/24"]
    assert names(found, "addresses") == ["10.250.9.11/24"]
    assert names(found, "circuits") == ["VNPT-001"]
    assert names(found, "software") == ["Debian"]


def test_every_device_says_why_it_is_listed(filled: Database, engineer: Actor) -> None:
    rows = json.loads(portal(filled, engineer, "en").written(".json"))["devices"]
    assert {row["name"]: row["reason"] for row in rows} == {
        "core-1": "network of the site",
        "host-1": "runs virtual machines",
        "srv-portal": "service dns",
    }


def test_support_that_nobody_recorded_is_left_empty(filled: Database, engineer: Actor) -> None:
    rows = json.loads(portal(filled, engineer).written(".json"))["devices"]
    ends = {row["name"]: row["end_of_support"] for row in rows}
    assert ends == {"core-1": None, "host-1": None, "srv-portal": "2028-06-30"}


def test_a_unit_lists_what_stands_at_its_sites(filled: Database, engineer: Actor) -> None:
    with filled.read() as session:
        found = dossier.unit_dossier(session, engineer, "xa-02", "vi")
        whole = dossier.unit_dossier(session, engineer, "tinh", "vi")
    assert names(found, "devices") == ["rtr-02"]
    assert names(found, "services") == ["other"]
    assert names(found, "zones") == ["xa"]
    assert names(found, "software") == ["IOS"]
    assert len(names(whole, "devices")) == 6


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sheet_names_its_source_and_time(
    filled: Database, engineer: Actor, language: str
) -> None:
    book = load_workbook(io.BytesIO(portal(filled, engineer, language).written(".xlsx")))
    assert len(book.sheetnames) == len(dossier.SHEETS)
    for sheet in book.worksheets:
        note = str(sheet["A1"].value)
        assert "331/2026" in note
        assert "hatang" in note
        assert "+07:00" in note


def test_a_name_that_is_a_formula_is_text(filled: Database, engineer: Actor) -> None:
    found = portal(filled, engineer)
    book = load_workbook(io.BytesIO(found.written(".xlsx")))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert "'=cmd|x" in {cell.value for cell in cells}
    assert b"'=cmd|x" in found.written(".csv")


def test_who_sees_another_unit_only_finds_no_such_system(filled: Database, engineer: Actor) -> None:
    del engineer
    viewer = Actor(9, "khach", frozenset({Role.VIEWER}), frozenset())
    with filled.read() as session:
        for ask, code in ((dossier.service_dossier, "portal"), (dossier.unit_dossier, "tinh")):
            with pytest.raises(NotFoundError):
                ask(session, viewer, code, "vi")


def test_a_form_it_cannot_be_written_in_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        dossier.check_form(".docx")
