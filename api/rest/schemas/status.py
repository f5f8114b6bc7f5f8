"""What is measured: states with their cause and since when."""

from datetime import datetime

from api.rest.paging import Schema


class Element(Schema):
    """The state of an element; `last_state` is what was last known while it is unknown."""

    element: str
    kind: str
    owner: str
    name: str
    state: str
    cause: str
    since: datetime | None
    last_state: str


class Device(Schema):
    """A device's state with the states of its parts."""

    name: str
    device: Element
    parts: list[Element]


class Site(Schema):
    """The worst state of a site's devices and how many are in each."""

    site: str
    name: str
    state: str
    counts: dict[str, int]


class SiteDetail(Site):
    """A site with its devices' states."""

    devices: list[Element]


class Service(Schema):
    """A service's state; a service nobody probes is unknown."""

    code: str
    name: str
    status: Element


class Network(Schema):
    """The province at `at` in one answer; times are UTC.

    `kept_since` is the earliest moment that can be asked about.
    """

    at: datetime
    state: str
    is_stale: bool
    incidents: int
    worst_incident: int | None
    devices: dict[str, int]
    services: dict[str, int]
    in_maintenance: int
    sites: list[Site]
    kept_since: datetime | None
