"""A province with two communes, a bridge and a registrar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang import secrets
from inventory import service as inventory
from tests.conference.janus_server import SECRET
from tests.pings import unheard

__all__ = ["unheard"]

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

PROVINCE = """
version: 1
province: {code: "46", name: "Tỉnh Thử Nghiệm"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province, parent: null}
  - {code: xa-01, name: "Xã Tân Lập", kind: commune, parent: tinh}
  - {code: xa-02, name: "Xã Yên Sơn", kind: commune, parent: tinh}
sites:
  - {slug: dc, name: "Trung tâm dữ liệu", unit: tinh, kind: datacentre}
  - {slug: hub-1, name: "Trạm 1", unit: tinh, kind: hub}
  - {slug: hub-2, name: "Trạm 2", unit: tinh, kind: hub}
  - {slug: xa-01, name: "Trụ sở xã Tân Lập", unit: xa-01, kind: commune}
  - {slug: xa-02, name: "Trụ sở xã Yên Sơn", unit: xa-02, kind: commune}
devices:
  - {name: srv-bridge, site: dc, role: bridge, platform: linux, primary_ip4: 10.9.0.1}
  - {name: srv-sip, site: dc, role: registrar, platform: linux, primary_ip4: 10.9.0.2}
  - {name: r-01, site: xa-01, role: commune-router, platform: frr, primary_ip4: 10.9.1.1}
  - {name: r-02, site: xa-02, role: commune-router, platform: frr, primary_ip4: 10.9.2.1}
  - {name: core-1, site: dc, role: core, platform: frr, primary_ip4: 10.9.0.9}
  - {name: hub-1, site: hub-1, role: hub, platform: frr, primary_ip4: 10.9.3.1}
  - {name: hub-2, site: hub-2, role: hub, platform: frr, primary_ip4: 10.9.4.1}
interfaces:
  - {device: core-1, name: e1}
  - {device: core-1, name: e2}
  - {device: core-1, name: e3}
  - {device: srv-bridge, name: e0}
  - {device: hub-1, name: e1}
  - {device: hub-1, name: e2}
  - {device: hub-1, name: e3}
  - {device: hub-2, name: e1}
  - {device: r-01, name: e1}
  - {device: r-02, name: e1}
links:
  - {a: "core-1:e1", b: "hub-1:e1"}
  - {a: "core-1:e2", b: "hub-2:e1"}
  - {a: "core-1:e3", b: "srv-bridge:e0"}
  - {a: "hub-1:e2", b: "r-01:e1"}
  - {a: "hub-1:e3", b: "r-02:e1"}
rooms:
  - {code: room-01, name: "Phòng họp Tân Lập", site: xa-01, sip_uri: "sip:xa-01@10.9.1.2:5060"}
  - {code: room-02, name: "Phòng họp Yên Sơn", site: xa-02, sip_uri: "sip:xa-02@10.9.2.2:5060"}
bridges:
  - code: mcu-1
    name: "MCU tỉnh"
    driver: janus
    device: srv-bridge
    url: "http://10.9.0.1:8088"
    admin_url: "http://10.9.0.1:7088"
    credential: mcu-1
    capacity_ports: 8
registrars:
  - {code: sip-1, device: srv-sip, url: "http://10.9.0.2:5080/RPC", domain: "tinh.test"}
"""


@pytest.fixture
def province(sqlite_database: Database, admin: Actor) -> Database:
    with sqlite_database.write() as session:
        secrets.put(session, admin, "mcu-1", "token", {"token": SECRET})
        plan = inventory.plan_import(session, admin, PROVINCE, filename="province.yaml")
        inventory.apply_import(session, admin, plan, "test")
    return sqlite_database
