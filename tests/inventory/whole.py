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
    aliases: [so-tttt, "Sở Thông tin và Truyền thông"]
tenants: [{slug: thue, name: "Thuế tỉnh", description: "Chi cục Thuế"}]
contacts:
  - code: ong-a
    name: "Nguyễn Văn A"
    unit: so-khcn
    function: "trực mạng"
    phone: "0234 381 0001"
    mobile: "0905 000 001"
    mail: a@tinh.test
    sites: [hub, dc]
    services: [portal]
    providers: [VNPT]
  - {code: ong-b, name: "Trần Văn B"}
sites:
  - slug: dc
    name: "Trung tâm dữ liệu"
    unit: so-khcn
    kind: datacentre
    status: staging
    address: "1 Lê Lợi"
    latitude: 16.46
    power_company: Điện lực Phú Vang
    power_hotline: "19001909"
    power_customer_code: PC07-0042
    longitude: 107.59
    people: 12
    tenant: thue
    phone: "0234 381 0002"
  - {slug: hub, name: "Trạm", unit: tinh, kind: hub}
locations:
  - {site: dc, slug: tang-1, name: "Tầng 1"}
  - {site: dc, slug: phong-may, name: "Phòng máy", parent: tang-1, description: "có UPS"}
racks:
  - site: dc
    name: R1
    location: phong-may
    status: reserved
    u_height: 47
    serial: RS1
    asset_tag: TS-1
    description: "tủ mạng"
zones:
  - {code: dmz, name: DMZ, kind: dmz, unit: so-khcn, site: dc, description: "vùng công khai"}
vrfs: [{name: mgmt, rd: "65000:1", description: "quản trị"}]
vlans:
  - {vid: 4, name: chung}
  - site: dc
    vid: 10
    name: quan-tri
    status: reserved
    zone: dmz
    tenant: thue
    description: "mạng quản trị"
prefixes:
  - {prefix: 10.250.0.0/16, status: container}
  - prefix: 10.250.0.0/24
    vrf: mgmt
    site: dc
    vlan: dc/10
    zone: dmz
    tenant: thue
    status: reserved
    role: quan-tri
    is_pool: true
    description: "dải quản trị"
  - {prefix: "2001:db8::/64", vlan: "4"}
addresses:
  - {address: 10.250.0.1/24, interface: "core-1:eth1"}
  - address: 10.250.0.1/24
    vrf: mgmt
    interface: "hub-1:et:0/1"
    status: reserved
    role: vip
    dns_name: core.tinh.test
    tenant: thue
    description: "dùng chung"
  - {address: "2001:DB8::5/64", virtual_machine: vm-1}
manufacturers: [{name: FRRouting, description: "phần mềm mở"}]
device_types:
  - manufacturer: FRRouting
    model: lab/router
    slug: frrouting-lab-router
    part_number: PN-1
    u_height: 1.5
    interface_count: 2
    power_port_count: 1
    console_port_count: 0
    module_bay_count: 0
    definition: {manufacturer: FRRouting, model: lab/router, u_height: 1.5, interfaces: [{name: a}]}
module_types:
  - manufacturer: FRRouting
    model: psu
    part_number: PN-2
    interface_count: 0
    power_port_count: 1
    console_port_count: 0
    definition: {manufacturer: FRRouting, model: psu}
software:
  - {name: FRR, version: "10.2"}
  - name: nginx/plus
    version: "1.27"
    vendor: F5
    kind: web
    licence: "2-clause BSD"
    licence_count: 3
    licence_expires: 2027-01-01
    end_of_support: 2028-01-01
    devices: [core-1, hub-1]
    virtual_machines: [vm-1]
    services: [portal, dns]
clusters:
  - {name: cum-1, type: kvm, site: dc, tenant: thue, status: staging, description: "cụm máy chủ"}
virtual_machines:
  - {name: vm-0}
  - name: vm-1
    cluster: cum-1
    device: core-1
    site: dc
    role: web
    platform: linux
    status: planned
    vcpus: 4
    memory_mb: 8192
    disk_gb: 100
    primary_ip4: 10.250.0.9
    primary_ip6: "2001:db8::5"
    tenant: thue
    zone: dmz
    software: FRR/10.2
    description: "cổng"
storage_volumes:
  - device: core-1
    name: vol1
    size_gb: 4096
    purpose: "dữ liệu"
    cluster: cum-1
    virtual_machines: [vm-1, vm-0]
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
    location: phong-may
    rack: R1
    position: 12.5
    face: front
    tenant: thue
    zone: dmz
    cluster: cum-1
    software: FRR/10.2
    asset_tag: TS-2
    primary_ip6: "2001:db8::1"
    oob_ip: 192.0.2.1
    aaa_server: 192.0.2.49
    modules:
      - bay: PSU 1
        manufacturer: FRRouting
        model: psu
        serial: MS1
        status: planned
        description: "nguồn"
      - {bay: "slot:2"}
    host_keys: ["KEY"]
    interfaces:
      - {name: bond0, type: lag}
      - name: eth1
        description: "to hub"
        type: 10gbase-x-sfpp
        enabled: false
        mgmt_only: true
        mtu: 9000
        mac_address: "001A.2B3C.4D5E"
        speed_kbps: 10000000
        mode: tagged
        untagged_vlan: "4"
        tagged_vlans: [dc/10, "4"]
        lag: bond0
        parent: "core-1:bond0"
  - {name: hub-1, site: hub, role: hub, platform: frr, interfaces: [{name: "et:0/1"}]}
providers:
  - {name: VNPT, hotline: "18001260", asn: 45899, account: KH-1, portal_url: "https://vnpt.test/"}
circuits:
  - cid: VNPT-001
    provider: VNPT
    a: dc
    z: hub
    commit_rate_kbps: 20000
    status: planned
    type: mpls
    upstream_rate_kbps: 10000
    domestic_rate_kbps: 100000
    international_rate_kbps: 2000
    contract_number: "12/HD-2026"
    contract_expires: 2027-12-31
    hotline: "18001166"
    tenant: thue
    description: "đường chính"
redundancy_groups:
  - code: cap-core
    name: "Cặp router lõi"
    kind: router
    protocol: vrrp
    required: 1
    address: 10.250.0.254
    devices: [hub-1, core-1]
    circuits: [VNPT-001]
    description: "hai router"
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
    tier: 1
    status: staging
    virtual_machines: [vm-1]
    contact: ong-a
    external: true
    party: "Văn phòng Chính phủ"
    description: "cổng"
service_endpoints:
  - {service: portal, name: trang-chu, url: "https://portal.tinh.test/", probe: https-page}
  - {service: portal, name: smtp, host: mail.tinh.test, port: 25, description: "gửi thư"}
certificates:
  - {serial: "0A", issuer: "CA khác", holder: "Xã", not_after: 2027-01-01}
  - serial: "0A:1B"
    issuer: "CN=CA phục vụ Chính phủ"
    holder: "Sở Khoa học và Công nghệ"
    unit: so-khcn
    contact: ong-a
    purpose: tls
    kept_on: hsm
    not_before: 2026-01-01
    not_after: 2027-01-01
    services: [portal]
    devices: [core-1]
    description: "cho cổng"
rooms:
  - code: room-1
    name: "Phòng họp"
    site: hub
    sip_uri: "sip:room-1@tinh.test"
    contact_phone: "0234 399 0001"
    contact: ong-a
    seats: 20
    reflector: "stamp://10.250.0.78:862"
endpoints:
  - code: codec-1
    name: "Codec phòng họp"
    room: room-1
    device: hub-1
    manufacturer: Poly
    model: G7500
    address: 10.250.0.77
    sip_uri: "sip:codec-1@tinh.test"
    serial: CS1
    status: staged
    credential: lab-codec
    driver: videoos
    url: "https://10.250.0.77:8443"
bridges:
  - code: mcu-1
    name: MCU
    driver: janus
    device: core-1
    url: "http://10.250.9.13:8088"
    admin_url: "http://10.250.9.13:7088"
    credential: lab-janus
    capacity_ports: 64
    capacity_kbps: 200000
registrars:
  - code: sip-1
    device: core-1
    url: "http://10.250.9.12:5080/RPC"
    domain: tinh.test
    credential: lab-sip
""".replace("KEY", _KEY)
