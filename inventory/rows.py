"""What lists give: plain rows, joined with the names people know, never ORM objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from inventory.choices import ElementKind

Row = TypeVar("Row")
_NO_FILTERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Query:
    """Which part of a list: exact filters by field, free text, order (`-name` = descending).

    `search` finds "Huế" when asked for "hue". `limit` None means all rows.
    """

    filters: Mapping[str, str] = field(default_factory=lambda: _NO_FILTERS)
    search: str = ""
    sort: str = ""
    limit: int | None = 100
    offset: int = 0


FIRST_PAGE: Final = Query()
EVERYTHING: Final = Query(limit=None)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A part of a list and how many rows the whole of it has for this actor."""

    items: tuple[Row, ...]
    total: int
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit; `parent` is the parent's code, `aliases` are old codes and names that find it."""

    id: int
    scope_id: int
    code: str
    name: str
    kind: str
    parent: str | None
    valid_from: date | None
    valid_to: date | None
    aliases: Sequence[str]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site; `unit` is its unit's code, `tenant` the slug of who else uses it."""

    id: int
    scope_id: int
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
    power_company: str = ""
    power_hotline: str = ""
    power_customer_code: str = ""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device; `site` is the site's slug, `unit` the code of the site's unit."""

    id: int
    scope_id: int
    device_key: str
    name: str
    site_id: int
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
    credentials: dict[str, str]
    aaa_server: str | None = None


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """An interface; `device` is the device's name."""

    id: int
    scope_id: int
    device_id: int
    device: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A cable; ends as `device:interface`."""

    id: int
    scope_id: int
    a_device_id: int
    a_device: str
    a_interface: str
    z_device_id: int
    z_device: str
    z_interface: str
    circuit: str | None


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """A circuit; `a_site` and `z_site` are slugs, rates kbit/s.

    `commit_rate_kbps` is towards Z, `upstream_rate_kbps` towards A where it is another.
    """

    id: int
    scope_id: int
    cid: str
    provider: str
    hotline: str
    a_site: str
    z_site: str
    commit_rate_kbps: int | None
    status: str
    type: str | None
    upstream_rate_kbps: int | None
    domestic_rate_kbps: int | None
    international_rate_kbps: int | None
    contract_number: str
    contract_expires: date | None
    tenant: str | None
    description: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service; `runs_on` are device names, `depends_on` service codes, `contact` is a code.

    `level` is its information-system level, `tier` the order in which systems are restored.
    """

    id: int
    scope_id: int
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
    runs_on: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    virtual_machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """Where a service answers: a URL, or a host with its port; `probe` names a template."""

    name: str
    url: str | None
    host: str | None
    port: int | None
    probe: str | None
    description: str


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A meeting room; `site` is the site's slug."""

    id: int
    scope_id: int
    code: str
    name: str
    site: str
    site_name: str
    sip_uri: str | None
    contact_phone: str | None
    reflector: str | None


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """A conference bridge; `device` is the name of what it runs on."""

    id: int
    scope_id: int
    code: str
    name: str
    driver: str
    device_id: int
    device: str
    url: str
    admin_url: str | None
    credential: str | None
    capacity_ports: int | None
    capacity_kbps: int | None


@dataclass(frozen=True, slots=True)
class RegistrarRow:
    """A SIP registrar; `device` is the name of what it runs on."""

    id: int
    scope_id: int
    code: str
    device_id: int
    device: str
    url: str
    domain: str
    credential: str | None


@dataclass(frozen=True, slots=True)
class ElementRow:
    """An element of any kind; `fields` speak natural keys, as a file does."""

    id: int
    scope_id: int | None
    kind: ElementKind
    key: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An applied import or undoing; `undone_by` is the id of the undoing that took it back."""

    id: int
    verb: str
    applied_at: datetime
    applied_by: str
    filename: str
    source: str
    file_sha256: str | None
    plan_sha256: str
    counts: Mapping[str, int]
    undoes: int | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class DeviationRow:
    """A field where what was observed is not what is intended."""

    kind: str
    element_id: int
    field: str
    intended: Any
    observed: Any
    source: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class FactRow:
    """A field with what is intended and what was observed; None is not known.

    `source` and `observed_at` are None where nobody looked. `verdict` is `same`, `differs`,
    `unwritten` (observed, and nothing is intended), `untold` (looked for, and not told), or
    `unobserved`.
    """

    field: str
    intended: Any
    observed: Any
    source: str | None
    observed_at: datetime | None
    verdict: str
