"""Places with equipment: sites, what lies inside them, and security zones."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from inventory.choices import ElementKind, RackStatus, SiteKind, SiteStatus
from inventory.kinds.form import (
    Code,
    Inside,
    Lax,
    Line,
    Name,
    Phone,
    Printable,
    Row,
    Serial,
    ShortLine,
    Slug,
    Word,
)
from inventory.kinds.kind import Kind
from inventory.models import Location, Rack, Site, Zone

PowerCompany = Annotated[str, StringConstraints(max_length=100), Printable]
CustomerCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]*$", max_length=32)]


class SiteRow(Row):
    """A place with equipment; `phone` is the telephone on the spot.

    `power_customer_code` is the number of the contract with the power company: its desk asks for
    it, and its notices of outages name it.
    """

    kind_of_row = ElementKind.SITE
    key_fields = ("slug",)
    references: ClassVar = {"unit": ElementKind.UNIT, "tenant": ElementKind.TENANT}
    slug: Code
    name: Name
    unit: Code
    kind: Annotated[SiteKind, Lax]
    status: Annotated[SiteStatus, Lax] = SiteStatus.ACTIVE
    address: Line = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    people: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    tenant: Code | None = None
    phone: Phone = ""
    power_company: PowerCompany = ""
    power_hotline: Phone = ""
    power_customer_code: CustomerCode = ""


class LocationRow(Row):
    """A part of a site: a building, a floor, a room with equipment."""

    kind_of_row = ElementKind.LOCATION
    key_fields = ("site", "slug")
    references: ClassVar = {"site": ElementKind.SITE, "parent": ElementKind.LOCATION}
    site: Code
    slug: Code
    name: Name
    parent: Inside | None = None
    description: Line = ""


class RackRow(Row):
    """A rack at a site; `u_height` in rack units."""

    kind_of_row = ElementKind.RACK
    key_fields = ("site", "name")
    references: ClassVar = {"site": ElementKind.SITE, "location": ElementKind.LOCATION}
    site: Code
    name: Word
    location: Inside | None = None
    status: Annotated[RackStatus, Lax] = RackStatus.ACTIVE
    u_height: Annotated[int, Field(ge=1, le=100)] = 42
    serial: Serial = ""
    asset_tag: ShortLine | None = None
    description: Line = ""


class ZoneRow(Row):
    """A security zone: what stands in it trusts alike."""

    kind_of_row = ElementKind.ZONE
    references: ClassVar = {"unit": ElementKind.UNIT, "site": ElementKind.SITE}
    code: Code
    name: Name
    kind: Slug
    unit: Code | None = None
    site: Code | None = None
    description: Line = ""


KINDS: Final = (
    Kind(
        row=SiteRow,
        model=Site,
        section="sites",
        scope=("unit",),
        searched=("name", "address"),
    ),
    Kind(
        row=LocationRow,
        model=Location,
        section="locations",
        scope=("site",),
        within={"parent": "site"},
        searched=("name",),
    ),
    Kind(row=RackRow, model=Rack, section="racks", scope=("site",), within={"location": "site"}),
    Kind(row=ZoneRow, model=Zone, section="zones", scope=("unit", "site"), searched=("name",)),
)
