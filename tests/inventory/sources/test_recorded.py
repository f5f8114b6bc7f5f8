"""Recorded NetBoxes: pynetbox's fixtures of version 2, and the demonstration data of 3.6."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from inventory import records, service
from inventory.choices import ElementKind
from inventory.sources.mapping import Mapping
from inventory.sources.netbox import fetch, translate
from inventory.sources.netbox.client import ENDPOINTS
from tests.inventory.discovery.oracles import oracle
from tests.inventory.sources.netbox import Netbox, Thing, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping as AnyMapping

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan
    from inventory.sources.document import Document

DEFAULTS = {"unit": "tinh", "site_kind": "commune", "role": "other", "platform": "linux"}
EMPTY: dict[str, list[Thing]] = {endpoint: [] for endpoint in ENDPOINTS}


def read(things: AnyMapping[str, list[Thing]], version: str, roles: dict[str, Any]) -> Document:
    mapping = Mapping.model_validate({"defaults": DEFAULTS, "roles": roles})
    with serving(Netbox({**EMPTY, **things}, version)) as found:
        return translate(fetch(found), mapping)


def test_objects_of_version_2_are_understood() -> None:
    folder = oracle("netbox/pynetbox-fixtures/tests/fixtures")
    things = {}
    for endpoint in ENDPOINTS:
        path = folder / f"{endpoint.replace('-', '_')}.json"
        if path.exists():
            things[endpoint] = json.loads(path.read_text(encoding="utf-8"))["results"]
    document = read(things, "", {})
    found = records.collect(document.tree, document.name)
    for endpoint, kind in (
        ("dcim/devices", "device"), ("dcim/sites", "site"), ("ipam/prefixes", "prefix"),
        ("dcim/interfaces", "interface"), ("dcim/racks", "rack"), ("ipam/vlans", "vlan"),
        ("virtualization/virtual-machines", "virtual_machine"), ("tenancy/tenants", "tenant"),
    ):  # fmt: skip
        assert len(found.of(ElementKind(kind))) == len(things[endpoint]), kind
    # Its NetBox lets an address stand several times; nothing else of it is wrong.
    assert {problem.message.partition(",")[0] for problem in found.problems} == {"is given twice"}
    assert all("/api/ipam/ip-addresses/" in str(problem) for problem in found.problems)


MODELS = {
    "dcim.rack": "dcim/racks", "dcim.manufacturer": "dcim/manufacturers",
    "dcim.devicetype": "dcim/device-types", "dcim.moduletype": "dcim/module-types",
    "dcim.device": "dcim/devices", "dcim.module": "dcim/modules",
    "dcim.interface": "dcim/interfaces", "dcim.cable": "dcim/cables",
    "dcim.site": "dcim/sites", "dcim.location": "dcim/locations",
    "virtualization.cluster": "virtualization/clusters",
    "virtualization.virtualmachine": "virtualization/virtual-machines",
    "tenancy.tenant": "tenancy/tenants", "tenancy.contact": "tenancy/contacts",
    "tenancy.contactassignment": "tenancy/contact-assignments",
    "ipam.vrf": "ipam/vrfs", "ipam.vlangroup": "ipam/vlan-groups", "ipam.vlan": "ipam/vlans",
    "ipam.prefix": "ipam/prefixes", "ipam.ipaddress": "ipam/ip-addresses",
    "circuits.provider": "circuits/providers", "circuits.circuit": "circuits/circuits",
    "circuits.circuittermination": "circuits/circuit-terminations",
}  # fmt: skip
REFERS = {
    "site": "dcim.site", "location": "dcim.location", "rack": "dcim.rack", "device": "dcim.device",
    "platform": "dcim.platform", "device_type": "dcim.devicetype", "tenant": "tenancy.tenant",
    "manufacturer": "dcim.manufacturer", "cluster": "virtualization.cluster",
    "module_bay": "dcim.modulebay", "module_type": "dcim.moduletype", "vrf": "ipam.vrf",
    "provider": "circuits.provider", "circuit": "circuits.circuit", "vlan": "ipam.vlan",
    "primary_ip4": "ipam.ipaddress", "primary_ip6": "ipam.ipaddress", "lag": "dcim.interface",
    "untagged_vlan": "ipam.vlan", "contact": "tenancy.contact", "region": "dcim.region",
    "virtual_machine": "virtualization.virtualmachine", "parent": "dcim.interface",
}  # fmt: skip
GROUPS = {"dcim.site": "dcim.sitegroup", "ipam.vlan": "ipam.vlangroup"}
TYPES = {
    "virtualization.cluster": "virtualization.clustertype",
    "circuits.circuit": "circuits.circuittype",
}


class Dump:
    """Django's dump of a NetBox, told as its API does."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows: dict[str, dict[int, Thing]] = defaultdict(dict)
        for row in rows:
            if isinstance(row.get("pk"), int):
                self._rows[row["model"]][row["pk"]] = {"id": row["pk"], **row["fields"]}

    def name_all(self) -> None:
        for number, device in self._rows["dcim.device"].items():
            device["name"] = device["name"] or f"dev-{number}"

    def things(self) -> dict[str, list[Thing]]:
        return {
            endpoint: [self._told(model, thing) for thing in self._rows[model].values()]
            for model, endpoint in MODELS.items()
        }

    def _told(self, model: str, thing: Thing, depth: int = 2) -> Thing:
        found = dict(thing)
        refers = {
            **REFERS, "group": GROUPS.get(model, ""), "type": TYPES.get(model, ""),
            "role": "ipam.role" if model.startswith("ipam") else "dcim.devicerole",
            "parent": "dcim.location" if model == "dcim.location" else "dcim.interface",
        }  # fmt: skip
        for name, target in refers.items():
            if isinstance(found.get(name), int):
                other = self._rows[target].get(found[name], {"id": found[name]})
                found[name] = self._told(target, other, depth - 1) if depth else {"id": found["id"]}
        for name in ("status", "type", "face", "mode"):
            if isinstance(found.get(name), str):
                found[name] = {"value": found[name], "label": found[name].title()}
        for name in ("position", "latitude", "longitude", "vcpus", "u_height"):
            if isinstance(found.get(name), str):
                found[name] = float(found[name])
        found["tagged_vlans"] = [{"id": one} for one in found.get("tagged_vlans", [])]
        kind = ".".join(found.get("assigned_object_type") or [])
        holder = self._rows[kind].get(found.get("assigned_object_id", 0))
        found["assigned_object"] = self._told(kind, holder, 1) if holder else None
        found["object_type"] = ".".join(found.get("content_type") or [])
        if model == "dcim.cable":
            found |= self._ends(found["id"])
        return found

    def _ends(self, cable: int) -> Thing:
        ends: Thing = {"a_terminations": [], "b_terminations": []}
        for row in self._rows["dcim.cabletermination"].values():
            if row["cable"] == cable:
                kind = ".".join(row["termination_type"])
                ends[f"{row['cable_end'].lower()}_terminations"].append(
                    {"object_type": kind, "object_id": row["termination_id"]}
                )
        return ends


@pytest.fixture
def demo() -> Dump:
    path = oracle("netbox/demo-data/netbox-demo-v3.6.json.gz")
    return Dump(json.loads(gzip.decompress(path.read_bytes())))


ROLES = {"patch-panel": None, "pdu": None, "core-switch": "core"}
FAMILIES = (
    ("dcim/sites", "site"), ("dcim/racks", "rack"), ("dcim/locations", "location"),
    ("dcim/device-types", "device_type"), ("dcim/modules", "module"), ("ipam/vrfs", "vrf"),
    ("ipam/vlans", "vlan"), ("ipam/prefixes", "prefix"), ("ipam/ip-addresses", "address"),
    ("virtualization/clusters", "cluster"), ("tenancy/contacts", "contact"),
    ("virtualization/virtual-machines", "virtual_machine"), ("circuits/providers", "provider"),
)  # fmt: skip


def test_what_is_wrong_with_the_demonstration_is_told_by_object(demo: Dump) -> None:
    things = demo.things()
    document = read(things, "3.6", ROLES)
    problems = records.collect(document.tree, document.name).problems
    nameless = {
        f"/api/dcim/devices/{thing['id']}/"
        for thing in things["dcim/devices"]
        if thing["name"] is None and thing["role"]["slug"] not in ROLES
    }
    assert {problem.sheet for problem in problems} == nameless
    assert {problem.field for problem in problems} == {"name"}


@pytest.mark.slow
def test_the_demonstration_comes_in_once_its_devices_have_names(
    demo: Dump,
    database: Database,
    engineer: Actor,
    load: Callable[[str], ImportPlan],
) -> None:
    load("version: 1\nunits: [{code: tinh, name: Tỉnh, kind: province}]\n")
    demo.name_all()
    things = demo.things()
    document = read(things, "3.6", ROLES)
    with database.write() as session:
        plan = service.plan_import(session, engineer, document)
        service.apply_import(session, engineer, plan, "test")
    created = Counter(row.kind.value for row in plan.created)
    assert {kind: created[kind] for _, kind in FAMILIES} == {
        kind: len(things[endpoint]) for endpoint, kind in FAMILIES
    }
    devices = things["dcim/devices"]
    wanted = [one for one in devices if one["role"]["slug"] not in {"patch-panel", "pdu"}]
    assert created["device"] == len(wanted)
    with database.read() as session:
        assert service.plan_import(session, engineer, document).is_empty
