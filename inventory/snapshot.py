"""What the database intends now, in the words of a file: by kind and natural key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from hatang.drivers.models import HostKey
from inventory.choices import ElementKind
from inventory.models import (
    Bridge,
    Circuit,
    Device,
    DeviceType,
    Interface,
    Link,
    Manufacturer,
    Provider,
    Registrar,
    Room,
    Service,
    ServiceDependency,
    ServiceDevice,
    Site,
    Unit,
)
from inventory.records import Fields, interface_key, link_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.db import AnySession

_parent = aliased(Unit)
_a_site, _z_site = aliased(Site), aliased(Site)
_SSH_PORT: Final = 22


@dataclass(slots=True)
class Snapshot:
    """Intended fields, database ids and scopes of everything, by kind and natural key."""

    fields: dict[ElementKind, dict[str, Fields]] = field(default_factory=dict)
    ids: dict[ElementKind, dict[str, int]] = field(default_factory=dict)
    scope_ids: dict[ElementKind, dict[str, int]] = field(default_factory=dict)


# Each statement gives id, scope id (or null), then the fields named beside it.
_STATEMENTS: Final[dict[ElementKind, tuple[str, Select[*tuple[Any, ...]]]]] = {
    ElementKind.UNIT: (
        "code name kind parent valid_from valid_to",
        select(
            Unit.id,
            Unit.scope_id,
            Unit.code,
            Unit.name,
            Unit.kind,
            _parent.code,
            Unit.valid_from,
            Unit.valid_to,
        ).outerjoin(_parent, Unit.parent_id == _parent.id),
    ),
    ElementKind.SITE: (
        "slug name unit kind status address latitude longitude people",
        select(
            Site.id,
            Site.scope_id,
            Site.slug,
            Site.name,
            Unit.code,
            Site.kind,
            Site.status,
            Site.address,
            Site.latitude,
            Site.longitude,
            Site.people,
        ).join(Unit, Site.unit_id == Unit.id),
    ),
    ElementKind.MANUFACTURER: (
        "name",
        select(Manufacturer.id, Manufacturer.id, Manufacturer.name),
    ),
    ElementKind.DEVICE_TYPE: (
        "manufacturer model",
        select(DeviceType.id, DeviceType.id, Manufacturer.name, DeviceType.model).join(
            Manufacturer, DeviceType.manufacturer_id == Manufacturer.id
        ),
    ),
    ElementKind.DEVICE: (
        "name device_key site role platform manufacturer model status primary_ip4 serial ports"
        " credentials",
        select(
            Device.id,
            Device.scope_id,
            Device.name,
            Device.device_key,
            Site.slug,
            Device.role,
            Device.platform,
            Manufacturer.name,
            DeviceType.model,
            Device.status,
            Device.primary_ip4,
            Device.serial,
            Device.ports,
            Device.credentials,
        )
        .join(Site, Device.site_id == Site.id)
        .outerjoin(DeviceType, Device.device_type_id == DeviceType.id)
        .outerjoin(Manufacturer, DeviceType.manufacturer_id == Manufacturer.id),
    ),
    ElementKind.INTERFACE: (
        "device name description",
        select(
            Interface.id, Interface.scope_id, Device.name, Interface.name, Interface.description
        ).join(Device, Interface.device_id == Device.id),
    ),
    ElementKind.PROVIDER: (
        "name hotline",
        select(Provider.id, Provider.id, Provider.name, Provider.hotline),
    ),
    ElementKind.CIRCUIT: (
        "cid provider a z commit_rate_kbps status",
        select(
            Circuit.id,
            Circuit.scope_id,
            Circuit.cid,
            Provider.name,
            _a_site.slug,
            _z_site.slug,
            Circuit.commit_rate_kbps,
            Circuit.status,
        )
        .join(Provider, Circuit.provider_id == Provider.id)
        .join(_a_site, Circuit.a_site_id == _a_site.id)
        .join(_z_site, Circuit.z_site_id == _z_site.id),
    ),
    ElementKind.SERVICE: (
        "code name kind unit url level",
        select(
            Service.id,
            Service.scope_id,
            Service.code,
            Service.name,
            Service.kind,
            Unit.code,
            Service.url,
            Service.level,
        ).join(Unit, Service.unit_id == Unit.id),
    ),
    ElementKind.ROOM: (
        "code name site sip_uri contact_phone",
        select(
            Room.id,
            Room.scope_id,
            Room.code,
            Room.name,
            Site.slug,
            Room.sip_uri,
            Room.contact_phone,
        ).join(Site, Room.site_id == Site.id),
    ),
    ElementKind.BRIDGE: (
        "code name driver device url admin_url credential capacity_ports",
        select(
            Bridge.id,
            Bridge.scope_id,
            Bridge.code,
            Bridge.name,
            Bridge.driver,
            Device.name,
            Bridge.url,
            Bridge.admin_url,
            Bridge.credential,
            Bridge.capacity_ports,
        ).join(Device, Bridge.device_id == Device.id),
    ),
    ElementKind.REGISTRAR: (
        "code device url domain credential",
        select(
            Registrar.id,
            Registrar.scope_id,
            Registrar.code,
            Device.name,
            Registrar.url,
            Registrar.domain,
            Registrar.credential,
        ).join(Device, Registrar.device_id == Device.id),
    ),
}


def take(session: AnySession) -> Snapshot:
    """Return everything the database intends; about 15 statements whatever its size."""
    snapshot = Snapshot()
    for kind, (names, statement) in _STATEMENTS.items():
        rows = (tuple(row) for row in session.execute(statement))
        _fill(snapshot, kind, names.split(), rows)
    _fill_links(session, snapshot)
    _fill_services(session, snapshot)
    _fill_host_keys(session, snapshot)
    return snapshot


def _fill(
    snapshot: Snapshot, kind: ElementKind, names: list[str], rows: Iterator[tuple[Any, ...]]
) -> None:
    shape = _SHAPES.get(kind, _by_first)
    fields, ids, scope_ids = {}, {}, {}
    for element_id, scope_id, *values in rows:
        key, shaped = shape(dict(zip(names, values, strict=True)))
        fields[key], ids[key], scope_ids[key] = shaped, element_id, scope_id
    snapshot.fields[kind], snapshot.ids[kind], snapshot.scope_ids[kind] = fields, ids, scope_ids


def _by_first(fields: Fields) -> tuple[str, Fields]:
    return str(fields.pop(next(iter(fields)))), fields


def _device_type(fields: Fields) -> tuple[str, Fields]:
    return f"{fields['manufacturer']}/{fields['model']}", fields


def _device(fields: Fields) -> tuple[str, Fields]:
    maker, model = fields.pop("manufacturer"), fields.pop("model")
    fields["device_type"] = None if model is None else f"{maker}/{model}"
    fields["host_keys"] = []
    return fields.pop("name"), fields


def _interface(fields: Fields) -> tuple[str, Fields]:
    return interface_key(fields["device"], fields["name"]), fields


def _link(fields: Fields) -> tuple[str, Fields]:
    fields["a"], fields["b"] = sorted((fields["a"], fields["b"]))
    return link_key(fields["a"], fields["b"]), fields


_SHAPES: Final[dict[ElementKind, Callable[[Fields], tuple[str, Fields]]]] = {
    ElementKind.DEVICE_TYPE: _device_type,
    ElementKind.DEVICE: _device,
    ElementKind.INTERFACE: _interface,
    ElementKind.LINK: _link,
}


def _fill_links(session: AnySession, snapshot: Snapshot) -> None:
    names = {one: key for key, one in snapshot.ids[ElementKind.INTERFACE].items()}
    statement = select(
        Link.id, Link.scope_id, Link.a_interface_id, Link.z_interface_id, Circuit.cid
    ).outerjoin(Circuit, Link.circuit_id == Circuit.id)
    rows = (
        (link_id, scope_id, names[a], names[z], cid)
        for link_id, scope_id, a, z, cid in session.execute(statement)
    )
    _fill(snapshot, ElementKind.LINK, ["a", "b", "circuit"], rows)


def _fill_services(session: AnySession, snapshot: Snapshot) -> None:
    services = snapshot.fields[ElementKind.SERVICE]
    for fields in services.values():
        fields["runs_on"], fields["depends_on"] = [], []
    code = {one: key for key, one in snapshot.ids[ElementKind.SERVICE].items()}
    device = {one: key for key, one in snapshot.ids[ElementKind.DEVICE].items()}
    for service_id, device_id in session.execute(
        select(ServiceDevice.service_id, ServiceDevice.device_id)
    ):
        services[code[service_id]]["runs_on"].append(device[device_id])
    for service_id, needed in session.execute(
        select(ServiceDependency.service_id, ServiceDependency.depends_on_id)
    ):
        services[code[service_id]]["depends_on"].append(code[needed])
    for fields in services.values():
        fields["runs_on"].sort()
        fields["depends_on"].sort()


def _fill_host_keys(session: AnySession, snapshot: Snapshot) -> None:
    enrolled: dict[tuple[str, int], list[str]] = {}
    statement = select(HostKey.host, HostKey.port, HostKey.key_type, HostKey.public_key)
    for host, port, key_type, key in session.execute(
        statement.where(HostKey.replaced_at.is_(None))
    ):
        enrolled.setdefault((host, port), []).append(f"{key_type} {key}")
    for fields in snapshot.fields[ElementKind.DEVICE].values():
        fields["host_keys"] = sorted(enrolled.get(ssh_address(fields), ()))


def ssh_address(fields: Fields) -> tuple[str, int]:
    """Return where SSH of the device with these fields answers: the host keys' own key."""
    return fields.get("primary_ip4") or "", (fields.get("ports") or {}).get("ssh", _SSH_PORT)
