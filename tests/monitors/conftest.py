"""A small province for the monitors' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang import secrets
from hatang.auth import Actor, Role
from inventory import service
from tests.seeds import plant, sow

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

PROVINCE = """\
version: 1
province: {code: "46", name: "Tỉnh Thử Nghiệm"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province, parent: null}
  - {code: so-khcn, name: "Sở Khoa học và Công nghệ", kind: department, parent: tinh}
  - {code: xa-01, name: "Xã Tân Lập", kind: commune, parent: tinh}
sites:
  - {slug: dc, name: "Trung tâm dữ liệu", unit: so-khcn, kind: datacentre}
  - {slug: xa-01-site, name: "Trụ sở xã Tân Lập", unit: xa-01, kind: commune}
devices:
  - name: core-1
    site: dc
    role: core
    platform: frr
    primary_ip4: 10.250.0.1
    credentials: {snmp: lab-snmp}
    ports: {snmp: 1161}
    interfaces: [{name: eth1, description: "to xa-01"}]
  - {name: rtr-01, site: xa-01-site, role: commune-router, platform: frr, primary_ip4: 10.250.1.1}
  - {name: spare, site: dc, role: switch, platform: frr, status: planned, primary_ip4: 10.250.0.9}
links:
  - {a: "core-1:eth2", b: "rtr-01:eth0"}
services:
  - {code: portal, name: "Cổng thông tin", kind: web, unit: so-khcn, url: "http://127.0.0.1:1/"}
"""
SNMP = {
    "username": "nms",
    "auth_protocol": "SHA",
    "auth_password": "auth-password-1",
    "priv_protocol": "AES",
    "priv_password": "priv-password-1",
}


def _fill(database: Database) -> None:
    engineer = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)
    with database.write() as session:
        secrets.put(session, engineer, "lab-snmp", "snmpv3", SNMP)
        plan = service.plan_import(session, engineer, PROVINCE, "province.yaml")
        service.apply_import(session, engineer, plan, "test")


@pytest.fixture(scope="session")
def sown_province(
    sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The data directory of the small province, filled once a run."""
    directory = tmp_path_factory.mktemp("monitors") / "data"
    sow(sqlite_template, _keys, directory, _fill)
    return directory


@pytest.fixture
def province(database: Database, data_dir: Path, sown_province: Path) -> Database:
    """A database with three devices, one service and the credential they name."""
    if database.is_sqlite:
        plant(sown_province, database, data_dir)
    else:
        _fill(database)
    return database
