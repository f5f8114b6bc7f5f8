"""A small province for the inventory's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.auth import Actor, Role
from inventory import service
from tests.seeds import plant, sow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.db import Database
    from inventory.planning import ImportPlan

PROVINCE = """\
version: 1
province: {code: "46", name: "Tỉnh Thử Nghiệm"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province, parent: null}
  - {code: so-khcn, name: "Sở Khoa học và Công nghệ", kind: department, parent: tinh}
  - {code: xa-01, name: "Xã Tân Lập", kind: commune, parent: tinh}
  - {code: xa-02, name: "Xã Huế Đông", kind: commune, parent: tinh}
sites:
  - {slug: dc, name: "Trung tâm dữ liệu", unit: so-khcn, kind: datacentre, latitude: 16.46}
  - {slug: xa-01-site, name: "Trụ sở xã Tân Lập", unit: xa-01, kind: commune, people: 25}
  - {slug: xa-02-site, name: "Trụ sở xã Huế Đông", unit: xa-02, kind: commune}
devices:
  - name: core-1
    site: dc
    role: core
    platform: frr
    manufacturer: FRRouting
    model: lab-router
    primary_ip4: 10.250.0.1
    credentials: {ssh: lab-ssh, snmp: lab-snmp}
    interfaces: [{name: eth1, description: "to xa-01"}]
  - {name: rtr-01, site: xa-01-site, role: commune-router, platform: frr, primary_ip4: 10.250.1.1}
  - {name: rtr-02, site: xa-02-site, role: commune-router, platform: cisco_ios, serial: ABC123}
  - {name: ups-01, site: xa-01-site, role: ups, platform: ups_rfc1628, primary_ip4: 10.250.1.2}
  - {name: srv-portal, site: dc, role: server, platform: linux, primary_ip4: 10.250.9.10}
providers: [{name: VNPT, hotline: "18001260"}]
circuits: [{cid: VNPT-001, provider: VNPT, a: dc, z: xa-01-site, commit_rate_kbps: 20000}]
links:
  - {a: "core-1:eth1", b: "rtr-01:eth0", circuit: VNPT-001}
  - {a: "core-1:eth2", b: "rtr-02:eth0"}
services:
  - {code: dns, name: "DNS", kind: dns, unit: so-khcn, runs_on: [srv-portal]}
  - code: portal
    name: "Cổng thông tin điện tử"
    kind: web
    unit: so-khcn
    runs_on: [srv-portal]
    depends_on: [dns]
    url: "https://portal.tinh.test/"
rooms: [{code: room-xa-01, name: "Phòng họp xã Tân Lập", site: xa-01-site}]
bridges:
  - {code: mcu-1, name: "MCU", driver: janus, device: srv-portal, url: "http://10.250.9.13:8088"}
registrars:
  - {code: sip-1, device: srv-portal, url: "http://10.250.9.12:5080/RPC", domain: "tinh.test"}
"""


def imported(database: Database, actor: Actor, text: str) -> ImportPlan:
    """Plan and apply a file in one transaction, as the importing door does."""
    with database.write() as session:
        plan = service.plan_import(session, actor, text, "province.yaml")
        return service.apply_import(session, actor, plan, "test")


@pytest.fixture
def load(database: Database, engineer: Actor) -> Callable[[str], ImportPlan]:
    """What imports a file into the test's database."""
    return lambda text: imported(database, engineer, text)


@pytest.fixture(scope="session")
def sown_province(
    sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ImportPlan]:
    """The small province, imported once a run, and what its import did."""
    directory = tmp_path_factory.mktemp("inventory") / "data"
    actor = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)
    plan = sow(sqlite_template, _keys, directory, lambda each: imported(each, actor, PROVINCE))
    return directory, plan


@pytest.fixture
def province(
    database: Database,
    data_dir: Path,
    engineer: Actor,
    sown_province: tuple[Path, ImportPlan],
) -> ImportPlan:
    """The small province, imported."""
    if not database.is_sqlite:
        return imported(database, engineer, PROVINCE)
    directory, plan = sown_province
    plant(directory, database, data_dir)
    return plan
