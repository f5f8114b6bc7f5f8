"""A NetBox that answers from lists of objects, page by page, as the real one does."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions
from hatang.secrets import Credential
from inventory.sources.netbox import Address
from tests.inventory.serving import Handler
from tests.inventory.serving import serving as http_serving

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "0123456789abcdef0123456789abcdef01234567"
Thing = dict[str, Any]


@dataclass
class Netbox:
    """What it holds by endpoint, how many objects it gives at once, and what it was asked."""

    things: dict[str, list[Thing]] = field(default_factory=dict)
    version: str = "4.2"
    page: int = 1000
    redirect: str = ""
    raw: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, token: str) -> tuple[int, bytes, dict[str, str]]:
        self.asked.append(path)
        parts = urlsplit(path)
        endpoint = parts.path.removeprefix("/api/").strip("/")
        headers = {"API-Version": self.version, "Content-Type": "application/json"}
        if self.redirect:
            return 302, b"", {"Location": self.redirect}
        if token != f"Token {TOKEN}":
            return 403, b'{"detail": "<b>Invalid</b>"}', headers
        if endpoint in self.raw:
            return 200, self.raw[endpoint], headers
        if not endpoint:
            return 200, b"{}", headers
        if endpoint not in self.things:
            return 404, b"{}", headers
        asked = parse_qs(parts.query)
        offset = int(asked.get("offset", ["0"])[0])
        size = min(int(asked.get("limit", ["50"])[0]) or self.page, self.page)
        rows = self.things[endpoint]
        more = offset + size < len(rows)
        # Behind a proxy that ends TLS NetBox often names itself wrongly.
        following = f"http://elsewhere.example{parts.path}?offset={offset + size}" if more else None
        page = {"count": len(rows), "next": following, "results": rows[offset : offset + size]}
        return 200, json.dumps(page).encode(), headers


@contextmanager
def serving(netbox: Netbox) -> Iterator[Address]:
    class Api(Handler):
        def get(self) -> None:
            status, body, headers = netbox.answer(self.path, self.headers.get("Authorization", ""))
            self.answer(status, body, **headers)

    with http_serving(Api) as netbox.url:
        yield address(netbox.url)


def address(url: str, token: str = TOKEN, *, lab: bool = True) -> Address:
    rule = AddressRule(lab=lab)
    held = Credential("netbox", "token", {"token": token})
    return Address(url, held, HttpOptions(addresses=rule, timeout_seconds=5))


def named(endpoint: str, number: int, **fields: object) -> Thing:
    return {"id": number, "url": f"http://nb.example/api/{endpoint}/{number}/", **fields}


def word(value: str) -> dict[str, str]:
    return {"value": value, "label": value.title()}


def slug(name: str) -> dict[str, Any]:
    return {"id": 1, "name": name, "slug": name.lower().replace(" ", "-")}


def province() -> dict[str, list[Thing]]:
    """A NetBox 4.2 with one of everything; only what is read of each object."""
    dc, xa = {"id": 1, "name": "Trung tâm", "slug": "dc"}, {"id": 2, "name": "Xã", "slug": "xa"}
    router = {"id": 1, "manufacturer": {"id": 1, "name": "Cisco"}, "model": "ISR1111"}
    core, edge = {"id": 1, "name": "core-1"}, {"id": 2, "name": "rtr-1"}
    pair = {"id": 10, "name": "Gi0/0", "device": core}, {"id": 20, "name": "Gi0/0", "device": edge}
    a = named("circuits/circuit-terminations", 1, circuit={"id": 1}, term_side="A",
              termination_type="dcim.site", termination=dc)  # fmt: skip
    z = named("circuits/circuit-terminations", 2, circuit={"id": 1}, term_side="Z",
              termination_type="dcim.site", termination=xa, upstream_speed=5000)  # fmt: skip
    return {
        "tenancy/tenants": [named("tenancy/tenants", 1, name="Thuế", slug="thue")],
        "tenancy/contacts": [
            named("tenancy/contacts", 1, name="Đỗ Văn Lan", title="Kỹ thuật", phone="0234",
                  email="")
        ],
        "tenancy/contact-assignments": [
            {"id": 1, "object_type": "dcim.site", "object_id": 2, "contact": {"id": 1}},
            {"id": 2, "object_type": "dcim.region", "object_id": 2, "contact": {"id": 1}},
        ],
        "dcim/sites": [
            named("dcim/sites", 1, name="Trung tâm", slug="dc", status=word("active"),
                  physical_address="1 Lê Lợi\r\nHuế", latitude=16.46, region=slug("Bac"),
                  tenant=None),
            named("dcim/sites", 2, name="Xã", slug="xa", status=word("active"),
                  tenant=slug("thue")),
        ],
        "dcim/locations": [named("dcim/locations", 1, site=dc, name="P. máy", slug="may")],
        "dcim/racks": [
            named("dcim/racks", 1, site=dc, name="R1", location={"slug": "may"}, u_height=42,
                  status=word("active"), serial="", asset_tag=None)
        ],
        "dcim/manufacturers": [named("dcim/manufacturers", 1, name="Cisco", slug="cisco")],
        "dcim/device-types": [
            named("dcim/device-types", 1, slug="isr1111", u_height=1.0, part_number="",
                  manufacturer={"name": "Cisco"}, model="ISR1111")
        ],
        "dcim/module-types": [
            named("dcim/module-types", 1, manufacturer={"name": "Cisco"}, model="SFP")
        ],
        "dcim/devices": [
            named("dcim/devices", 1, name="core-1", site=dc, role=slug("Core Switch"), serial="S1",
                  platform=slug("Cisco IOS"), device_type=router, status=word("active"),
                  rack={"name": "R1"}, position=4.0, face=word("front"), location={"slug": "may"},
                  primary_ip4={"address": "10.1.0.1/24"}, primary_ip6=None, tenant=None),
            named("dcim/devices", 2, name="rtr-1", site=xa, role=slug("router"), serial="S2",
                  platform=slug("Cisco IOS"), device_type=router, status=word("active"),
                  primary_ip4={"address": "10.1.1.1/24"}, tenant=slug("thue")),
            named("dcim/devices", 3, name=None, site=dc, role=slug("Patch Panel"), platform=None,
                  device_type=router, status=word("active")),
        ],
        "dcim/modules": [
            named("dcim/modules", 1, device=core, module_bay={"name": "1"}, serial="M1",
                  module_type={"manufacturer": {"name": "Cisco"}, "model": "SFP"},
                  status=word("active"))
        ],
        "dcim/interfaces": [
            named("dcim/interfaces", 10, device=core, name="Gi0/0", type=word("1000base-t"),
                  enabled=True, speed=1000000, mode=word("access"), untagged_vlan={"id": 1},
                  tagged_vlans=[]),
            named("dcim/interfaces", 20, device=edge, name="Gi0/0", type=word("1000base-t"),
                  enabled=True, mode=word("q-in-q"), mac_address="00:1A:2B:3C:4D:5E"),
            named("dcim/interfaces", 30, device={"id": 3}, name="port 1"),
        ],
        "dcim/cables": [
            named("dcim/cables", number, a_terminations=[
                      {"object_type": "dcim.interface", "object_id": port["id"]}],
                  b_terminations=[
                      {"object_type": "circuits.circuittermination", "object_id": number}])
            for number, port in enumerate(pair, 1)
        ],
        "virtualization/clusters": [
            named("virtualization/clusters", 1, name="vm-dc", type=slug("kvm"), tenant=None,
                  scope_type="dcim.site", scope=dc, status=word("active"))
        ],
        "virtualization/virtual-machines": [
            named("virtualization/virtual-machines", 1, name="vm-1", cluster={"name": "vm-dc"},
                  status=word("active"), vcpus=2.0, memory=4096, disk=40960, site=dc,
                  primary_ip4={"address": "10.1.0.9/24"})
        ],
        "ipam/vrfs": [named("ipam/vrfs", 1, name="wan", rd="65000:1")],
        "ipam/vlan-groups": [
            named("ipam/vlan-groups", 1, name="g", scope_type="dcim.site", scope=dc)
        ],
        "ipam/vlans": [
            named("ipam/vlans", 1, vid=10, name="quan-tri", status=word("active"), site=None,
                  group={"id": 1}, tenant=None)
        ],
        "ipam/prefixes": [
            named("ipam/prefixes", 1, prefix="10.1.0.0/24", vrf=None, scope_type="dcim.site",
                  scope=dc, vlan={"id": 1}, status=word("active"), role=slug("lan"), is_pool=False)
        ],
        "ipam/ip-addresses": [
            named("ipam/ip-addresses", 1, address="10.1.0.1/24", status=word("active"), role=None,
                  assigned_object={"device": core, "name": "Gi0/0"}),
            named("ipam/ip-addresses", 2, address="10.1.0.9/24", status=word("active"),
                  assigned_object={"virtual_machine": {"name": "vm-1"}, "name": "eth0"}),
        ],
        "circuits/providers": [
            named("circuits/providers", 1, name="VNPT", slug="vnpt", asns=[{"asn": 45899}])
        ],
        "circuits/circuits": [
            named("circuits/circuits", 1, cid="VNPT-1", provider={"name": "VNPT"},
                  type=slug("leased"), status=word("provisioning"), commit_rate=20000),
            named("circuits/circuits", 2, cid="NET-1", provider={"name": "VNPT"},
                  type=slug("internet"), status=word("active")),
        ],
        "circuits/circuit-terminations": [a, z],
    }  # fmt: skip
