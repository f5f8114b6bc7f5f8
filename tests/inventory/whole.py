"""A file that has every kind of element with every field, for walks over the registry."""

from __future__ import annotations

from typing import Final

_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
WHOLE: Final = """\
version: 1
province: {code: "46", name: "Tỉnh Thử Nghiệm"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}
  - code: so-khcn
    name: "Sở Khoa học và Công nghệ"
    kind: department
    parent: tinh
    valid_from: 2025-03-01
    valid_to: 2035-12-31
sites:
  - slug: dc
    name: "Trung tâm dữ liệu"
    unit: so-khcn
    kind: datacentre
    status: staging
    address: "1 Lê Lợi"
    latitude: 16.46
    longitude: 107.59
    people: 12
  - {slug: hub, name: "Trạm", unit: tinh, kind: hub}
manufacturers: [{name: FRRouting}]
device_types: [{manufacturer: FRRouting, model: lab/router}]
devices:
  - name: core-1
    device_key: 01234567-89ab-4cde-8f01-23456789abcd
    site: dc
    role: core
    platform: frr
    manufacturer: FRRouting
    model: lab/router
    primary_ip4: 10.250.0.1
    status: staged
    serial: SN1
    credentials: {ssh: lab-ssh}
    ports: {ssh: 2222}
    host_keys: ["KEY"]
    interfaces: [{name: eth1, description: "to hub"}]
  - {name: hub-1, site: hub, role: hub, platform: frr, interfaces: [{name: "et:0/1"}]}
providers: [{name: VNPT, hotline: "18001260"}]
circuits:
  - {cid: VNPT-001, provider: VNPT, a: dc, z: hub, commit_rate_kbps: 20000, status: planned}
links: [{a: "core-1:eth1", b: "hub-1:et:0/1", circuit: VNPT-001}]
services:
  - {code: dns, name: "DNS", kind: dns, unit: so-khcn}
  - code: portal
    name: "Cổng thông tin điện tử"
    kind: web
    unit: so-khcn
    runs_on: [core-1, hub-1]
    depends_on: [dns]
    url: "https://portal.tinh.test/"
    level: 3
rooms:
  - code: room-1
    name: "Phòng họp"
    site: hub
    sip_uri: "sip:room-1@tinh.test"
    contact_phone: "0234 399 0001"
bridges:
  - code: mcu-1
    name: MCU
    driver: janus
    device: core-1
    url: "http://10.250.9.13:8088"
    admin_url: "http://10.250.9.13:7088"
    credential: lab-janus
    capacity_ports: 64
registrars:
  - code: sip-1
    device: core-1
    url: "http://10.250.9.12:5080/RPC"
    domain: tinh.test
    credential: lab-sip
""".replace("KEY", _KEY)
