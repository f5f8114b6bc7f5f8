"""What exists, as it leaves; names of credentials stay inside."""

from datetime import date, datetime

from api.rest.paging import Schema


class Unit(Schema):
    """An organisation; `parent` is its parent's code."""

    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None


class Site(Schema):
    """A place with equipment; latitude and longitude in degrees (WGS 84)."""

    slug: str
    name: str
    unit: str
    kind: str
    status: str
    address: str
    latitude: float | None
    longitude: float | None
    people: int | None


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


class Interface(Schema):
    """An interface of a device."""

    name: str
    description: str


class Link(Schema):
    """A cable between two interfaces."""

    id: int
    a_device: str
    a_interface: str
    z_device: str
    z_interface: str
    circuit: str | None


class Circuit(Schema):
    """A carrier's line; the committed rate in kbit/s."""

    cid: str
    provider: str
    hotline: str
    a_site: str
    z_site: str
    commit_rate_kbps: int | None
    status: str


class Service(Schema):
    """A system people use, what it runs on and what it needs."""

    code: str
    name: str
    kind: str
    unit: str
    url: str | None
    level: int | None
    runs_on: list[str]
    depends_on: list[str]


class Bridge(Schema):
    """A conference bridge (MCU)."""

    code: str
    name: str
    driver: str
    device: str
    capacity_ports: int | None


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


class Waypoint(Schema):
    """A device on a site's way; `name` is null where it lies outside the caller's scope."""

    name: str | None
    site: str
    site_name: str
    role: str


class Leg(Schema):
    """The link to the next waypoint; `rate_kbps` is null when nobody wrote it down.

    Of a hidden one, outside the caller's scope, nothing else is told.
    """

    out_interface: str
    in_interface: str
    circuit: str | None
    provider: str | None
    hotline: str | None
    rate_kbps: int | None
    is_assumed: bool
    is_hidden: bool


class SinglePoint(Schema):
    """An element that cuts the site off when it fails alone."""

    kind: str
    key: str


class Route(Schema):
    """A site's way to the data centre; `legs[i]` leads away from `waypoints[i]`."""

    site: str
    waypoints: list[Waypoint]
    legs: list[Leg]
    narrowest_kbps: int | None
    has_spare: bool
    single_points: list[SinglePoint]


class Named(Schema):
    """An element by its natural key; `name` is its key where it has no name of its own."""

    key: str
    name: str


class Found(Schema):
    """Elements of one kind that are called like what was asked; `total` of them in all."""

    kind: str
    items: list[Named]
    total: int
