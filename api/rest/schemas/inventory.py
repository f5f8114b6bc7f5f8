"""What exists, as it leaves; names of credentials stay inside."""

from datetime import date, datetime

from pydantic import Field

from api.rest.paging import Schema


class Unit(Schema):
    """An organisation; `parent` is its parent's code, `aliases` old codes and names."""

    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    aliases: list[str]


class Site(Schema):
    """A place with equipment; latitude and longitude in degrees (WGS 84), `phone` on the spot."""

    slug: str
    name: str
    unit: str
    kind: str
    status: str
    address: str
    latitude: float | None
    longitude: float | None
    people: int | None
    phone: str
    tenant: str | None
    power_company: str
    power_hotline: str
    power_customer_code: str


class Device(Schema):
    """A device; `device_key` stays the same when the name changes, `ports` holds unusual ports."""

    device_key: str
    name: str
    site: str
    site_name: str
    unit: str
    role: str
    platform: str
    manufacturer: str | None
    model: str | None
    status: str
    primary_ip4: str | None
    serial: str
    ports: dict[str, int]


class Fact(Schema):
    """A field: intended, observed, source, age; `verdict` says how they stand.

    same, differs, unwritten (nothing is intended), untold (looked for, not told), unobserved.
    """

    field: str
    intended: object
    observed: object
    source: str | None
    observed_at: datetime | None
    verdict: str


class DeviceDetail(Device):
    """A device with each field of which something is intended or was observed."""

    fields: list[Fact]


class Link(Schema):
    """A cable between two interfaces."""

    id: int
    a_device: str
    a_interface: str
    z_device: str
    z_interface: str
    circuit: str | None


class Circuit(Schema):
    """A carrier's line; rates in kbit/s, absent where nobody wrote them down.

    `commit_rate_kbps` is towards Z, `upstream_rate_kbps` towards A where it is another.
    """

    cid: str
    provider: str
    hotline: str
    a_site: str
    z_site: str
    commit_rate_kbps: int | None
    upstream_rate_kbps: int | None
    domestic_rate_kbps: int | None
    international_rate_kbps: int | None
    type: str | None
    status: str
    contract_number: str
    contract_expires: date | None
    tenant: str | None
    description: str


class ServiceEndpoint(Schema):
    """Where a service answers: a URL, or a host with its port; `probe` names a template."""

    name: str
    url: str | None
    host: str | None
    port: int | None
    probe: str | None
    description: str


class Service(Schema):
    """A system people use, what it runs on and what it needs; `contact` is a contact's code.

    `level` is its information-system level, `tier` the order in which systems are restored, 1
    first. An external one is run by `party`, outside the province.
    """

    code: str
    name: str
    kind: str
    unit: str
    url: str | None
    level: int | None
    tier: int | None
    status: str
    contact: str | None
    external: bool
    party: str
    description: str
    runs_on: list[str]
    virtual_machines: list[str]
    depends_on: list[str]
    endpoints: list[ServiceEndpoint] = Field(default_factory=list)


class Bridge(Schema):
    """A conference bridge (MCU)."""

    code: str
    name: str
    driver: str
    device: str
    capacity_ports: int | None
    capacity_kbps: int | None


class Place(Schema):
    """A port where a MAC address was seen, one of `count` on it; null where no port is known.

    `behind` is who else was heard on the port; `site` is null where the inventory lacks the device.
    """

    mac: str
    addresses: list[str]
    device: str | None
    site: str | None
    port: str | None
    vlan: int | None
    count: int | None
    behind: str
    seen_at: datetime


class Deviation(Schema):
    """A field whose observed value is not the intended one."""

    kind: str
    element_id: int
    field: str
    intended: object
    observed: object
    source: str


class Named(Schema):
    """An element by its natural key; `name` is its key where it has no name of its own."""

    key: str
    name: str


class Found(Schema):
    """Elements of one kind that are called like what was asked; `total` of them in all."""

    kind: str
    items: list[Named]
    total: int
