"""What a system, or a unit, stands on: the part of the inventory that its dossier is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from inventory.choices import ROUTER_ROLES, DeviceRole, ElementKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from inventory.records import Fields
    from inventory.snapshot import Snapshot

# What carries and guards the traffic of everything at its site.
_NETWORK: Final = ROUTER_ROLES | {
    DeviceRole.SWITCH, DeviceRole.FIREWALL, DeviceRole.WAF, DeviceRole.LOAD_BALANCER
}  # fmt: skip
_HOLDERS: Final = ("devices", "virtual_machines", "services")


@dataclass(slots=True)
class Standing:
    """Keys by kind; `reasons` say of a device what brought it in."""

    base: Snapshot
    visible: frozenset[int] | None = None
    keys: dict[ElementKind, set[str]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def of(self, kind: ElementKind) -> set[str]:
        """Return the keys of a kind."""
        return self.keys.setdefault(kind, set())

    def every(self, kind: ElementKind) -> dict[str, Fields]:
        """Return all elements of a kind that the reader may see."""
        scopes = self.base.scope_ids[kind]
        return {
            key: fields
            for key, fields in self.base.fields[kind].items()
            if self.visible is None or scopes[key] is None or scopes[key] in self.visible
        }

    def take(self, kind: ElementKind, keys: Collection[str | None], reason: str = "") -> None:
        """Add elements, as far as the reader may see them."""
        known = self.every(kind)
        for key in keys:
            if key in known and key is not None:
                self.of(kind).add(key)
                if kind is ElementKind.DEVICE:
                    self.reasons.setdefault(key, reason)

    def where(self, kind: ElementKind, **among: Collection[Any]) -> list[str]:
        """Return the keys whose fields hold one of the given values, in any of the fields."""
        return [
            key
            for key, fields in self.every(kind).items()
            if any(_meets(fields.get(name), values) for name, values in among.items())
        ]


def _meets(held: Any, values: Collection[Any]) -> bool:
    if isinstance(held, list):
        return any(one in values for one in held)
    return held is not None and held in values


def of_service(base: Snapshot, code: str, visible: frozenset[int] | None) -> Standing:
    """Return what the service `code` stands on, with the services it needs."""
    standing = Standing(base, visible)
    services = standing.every(ElementKind.SERVICE)
    open_ = [code]
    while open_:
        one = open_.pop()
        if one in services and one not in standing.of(ElementKind.SERVICE):
            standing.of(ElementKind.SERVICE).add(one)
            open_ += services[one]["depends_on"]
    for one in sorted(standing.of(ElementKind.SERVICE)):
        standing.take(ElementKind.DEVICE, services[one]["runs_on"], f"service {one}")
        standing.take(ElementKind.VIRTUAL_MACHINE, services[one]["virtual_machines"])
    _hosts(standing)
    sites = {
        base.fields[kind][key]["site"]
        for kind in (ElementKind.DEVICE, ElementKind.VIRTUAL_MACHINE)
        for key in standing.of(kind)
    }
    standing.take(ElementKind.SITE, sites)
    here = set(standing.where(ElementKind.DEVICE, site=standing.of(ElementKind.SITE)))
    network = set(standing.where(ElementKind.DEVICE, role=_NETWORK))
    standing.take(ElementKind.DEVICE, here & network, "network of the site")
    return _around(standing)


def of_units(base: Snapshot, units: Collection[str], visible: frozenset[int] | None) -> Standing:
    """Return what stands at the sites of `units`, and their services."""
    standing = Standing(base, visible)
    standing.take(ElementKind.UNIT, units)
    taken = standing.of(ElementKind.UNIT)
    standing.take(ElementKind.SITE, standing.where(ElementKind.SITE, unit=taken))
    standing.take(ElementKind.SERVICE, standing.where(ElementKind.SERVICE, unit=taken))
    sites = standing.of(ElementKind.SITE)
    standing.take(ElementKind.DEVICE, standing.where(ElementKind.DEVICE, site=sites), "site")
    clusters = standing.where(ElementKind.CLUSTER, site=sites)
    devices = standing.of(ElementKind.DEVICE)
    machines = standing.where(
        ElementKind.VIRTUAL_MACHINE, site=sites, device=devices, cluster=clusters
    )
    standing.take(ElementKind.VIRTUAL_MACHINE, machines)
    services = standing.every(ElementKind.SERVICE)
    for one in sorted(standing.of(ElementKind.SERVICE)):
        standing.take(ElementKind.DEVICE, services[one]["runs_on"], f"service {one}")
        standing.take(ElementKind.VIRTUAL_MACHINE, services[one]["virtual_machines"])
    _hosts(standing)
    return _around(standing)


def _hosts(standing: Standing) -> None:
    """Add what machines run on, where their volumes lie, and who stands in for a device."""
    machines = standing.of(ElementKind.VIRTUAL_MACHINE)
    held = [standing.base.fields[ElementKind.VIRTUAL_MACHINE][one] for one in sorted(machines)]
    standing.take(ElementKind.DEVICE, [one["device"] for one in held], "runs virtual machines")
    clusters = {one["cluster"] for one in held if one["cluster"]}
    members = standing.where(ElementKind.DEVICE, cluster=clusters)
    standing.take(ElementKind.DEVICE, members, "runs virtual machines")
    for key in standing.where(ElementKind.STORAGE_VOLUME, virtual_machines=machines):
        owner = standing.base.fields[ElementKind.STORAGE_VOLUME][key]["device"]
        standing.take(ElementKind.DEVICE, [owner], "stores its data")
    groups = standing.every(ElementKind.REDUNDANCY_GROUP)
    devices = standing.of(ElementKind.DEVICE)
    for key in standing.where(ElementKind.REDUNDANCY_GROUP, devices=set(devices)):
        standing.take(ElementKind.DEVICE, groups[key]["devices"], f"redundancy group {key}")


def _around(standing: Standing) -> Standing:
    """Add zones, addresses, circuits and software of what was taken."""
    base, devices = standing.base, standing.of(ElementKind.DEVICE)
    machines, sites = standing.of(ElementKind.VIRTUAL_MACHINE), standing.of(ElementKind.SITE)
    standing.take(
        ElementKind.SITE, {base.fields[ElementKind.DEVICE][one]["site"] for one in devices}
    )
    ports = set(standing.where(ElementKind.INTERFACE, device=devices))
    addresses = standing.where(ElementKind.ADDRESS, interface=ports, virtual_machine=machines)
    standing.take(ElementKind.ADDRESS, addresses)
    held = [base.fields[ElementKind.DEVICE][one] for one in devices]
    held += [base.fields[ElementKind.VIRTUAL_MACHINE][one] for one in machines]
    prefixes = standing.where(ElementKind.PREFIX, site=sites)
    standing.take(ElementKind.PREFIX, prefixes)
    held += [base.fields[ElementKind.PREFIX][one] for one in standing.of(ElementKind.PREFIX)]
    standing.take(ElementKind.ZONE, {one["zone"] for one in held})
    units = standing.of(ElementKind.UNIT)
    standing.take(ElementKind.ZONE, standing.where(ElementKind.ZONE, site=sites, unit=units))
    zones = standing.of(ElementKind.ZONE)
    standing.take(ElementKind.PREFIX, standing.where(ElementKind.PREFIX, zone=zones))
    standing.take(ElementKind.CIRCUIT, standing.where(ElementKind.CIRCUIT, a=sites, z=sites))
    among = {name: standing.of(_KIND[name]) for name in _HOLDERS}
    standing.take(ElementKind.SOFTWARE, standing.where(ElementKind.SOFTWARE, **among))
    standing.take(ElementKind.SOFTWARE, {one.get("software") for one in held})
    return standing


_KIND: Final = {
    "devices": ElementKind.DEVICE,
    "virtual_machines": ElementKind.VIRTUAL_MACHINE,
    "services": ElementKind.SERVICE,
}
