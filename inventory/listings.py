"""The statement of each list: joined to the names people know, and what it can be asked by."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from inventory import rows
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
    Site,
    Unit,
)
from inventory.repository import Listing

_parent = aliased(Unit, name="parent")
_a_site, _z_site = aliased(Site, name="a_site"), aliased(Site, name="z_site")
_a_port, _z_port = aliased(Interface, name="a_port"), aliased(Interface, name="z_port")
_a_end, _z_end = aliased(Device, name="a_end"), aliased(Device, name="z_end")

UNITS: Final = Listing(
    rows.UnitRow,
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
    Unit.scope_id,
    Unit.code,
    {"code": Unit.code, "name": Unit.name, "kind": Unit.kind, "parent": _parent.code},
    Unit.search_text,
)

SITES: Final = Listing(
    rows.SiteRow,
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
    Site.scope_id,
    Site.slug,
    {
        "slug": Site.slug,
        "name": Site.name,
        "unit": Unit.code,
        "kind": Site.kind,
        "status": Site.status,
    },
    Site.search_text,
)

DEVICES: Final = Listing(
    rows.DeviceRow,
    select(
        Device.id,
        Device.scope_id,
        Device.device_key,
        Device.name,
        Device.site_id,
        Site.slug,
        Site.name,
        Unit.code,
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
    .join(Unit, Site.unit_id == Unit.id)
    .outerjoin(DeviceType, Device.device_type_id == DeviceType.id)
    .outerjoin(Manufacturer, DeviceType.manufacturer_id == Manufacturer.id),
    Device.scope_id,
    Device.name,
    {
        "name": Device.name,
        "device_key": Device.device_key,
        "site": Site.slug,
        "unit": Unit.code,
        "role": Device.role,
        "platform": Device.platform,
        "status": Device.status,
        "manufacturer": Manufacturer.name,
        "model": DeviceType.model,
        "primary_ip4": Device.primary_ip4,
        "serial": Device.serial,
    },
    Device.search_text,
)

INTERFACES: Final = Listing(
    rows.InterfaceRow,
    select(
        Interface.id,
        Interface.scope_id,
        Interface.device_id,
        Device.name,
        Interface.name,
        Interface.description,
    ).join(Device, Interface.device_id == Device.id),
    Interface.scope_id,
    Interface.id,
    {"name": Interface.name, "device": Device.name, "description": Interface.description},
)

LINKS: Final = Listing(
    rows.LinkRow,
    select(
        Link.id,
        Link.scope_id,
        _a_end.id,
        _a_end.name,
        _a_port.name,
        _z_end.id,
        _z_end.name,
        _z_port.name,
        Circuit.cid,
    )
    .join(_a_port, Link.a_interface_id == _a_port.id)
    .join(_a_end, _a_port.device_id == _a_end.id)
    .join(_z_port, Link.z_interface_id == _z_port.id)
    .join(_z_end, _z_port.device_id == _z_end.id)
    .outerjoin(Circuit, Link.circuit_id == Circuit.id),
    Link.scope_id,
    Link.id,
    {"a_device": _a_end.name, "z_device": _z_end.name, "circuit": Circuit.cid},
)

CIRCUITS: Final = Listing(
    rows.CircuitRow,
    select(
        Circuit.id,
        Circuit.scope_id,
        Circuit.cid,
        Provider.name,
        Provider.hotline,
        _a_site.slug,
        _z_site.slug,
        Circuit.commit_rate_kbps,
        Circuit.status,
    )
    .join(Provider, Circuit.provider_id == Provider.id)
    .join(_a_site, Circuit.a_site_id == _a_site.id)
    .join(_z_site, Circuit.z_site_id == _z_site.id),
    Circuit.scope_id,
    Circuit.cid,
    {
        "cid": Circuit.cid,
        "provider": Provider.name,
        "a_site": _a_site.slug,
        "z_site": _z_site.slug,
        "status": Circuit.status,
        "commit_rate_kbps": Circuit.commit_rate_kbps,
    },
)

SERVICES: Final = Listing(
    rows.ServiceRow,
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
    Service.scope_id,
    Service.code,
    {"code": Service.code, "name": Service.name, "kind": Service.kind, "unit": Unit.code},
    Service.search_text,
)

ROOMS: Final = Listing(
    rows.RoomRow,
    select(
        Room.id,
        Room.scope_id,
        Room.code,
        Room.name,
        Site.slug,
        Site.name,
        Room.sip_uri,
        Room.contact_phone,
    ).join(Site, Room.site_id == Site.id),
    Room.scope_id,
    Room.code,
    {"code": Room.code, "name": Room.name, "site": Site.slug},
    Room.search_text,
)

BRIDGES: Final = Listing(
    rows.BridgeRow,
    select(
        Bridge.id,
        Bridge.scope_id,
        Bridge.code,
        Bridge.name,
        Bridge.driver,
        Bridge.device_id,
        Device.name,
        Bridge.url,
        Bridge.admin_url,
        Bridge.credential,
        Bridge.capacity_ports,
    ).join(Device, Bridge.device_id == Device.id),
    Bridge.scope_id,
    Bridge.code,
    {"code": Bridge.code, "name": Bridge.name, "driver": Bridge.driver, "device": Device.name},
)

REGISTRARS: Final = Listing(
    rows.RegistrarRow,
    select(
        Registrar.id,
        Registrar.scope_id,
        Registrar.code,
        Registrar.device_id,
        Device.name,
        Registrar.url,
        Registrar.domain,
        Registrar.credential,
    ).join(Device, Registrar.device_id == Device.id),
    Registrar.scope_id,
    Registrar.code,
    {"code": Registrar.code, "domain": Registrar.domain, "device": Device.name},
)
