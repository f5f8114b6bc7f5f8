"""Places with equipment."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import ElementKind, SiteKind, SiteStatus
from inventory.kinds.form import Code, Lax, Line, Name, Row
from inventory.kinds.kind import Kind
from inventory.models import Site


class SiteRow(Row):
    """A place with equipment."""

    kind_of_row = ElementKind.SITE
    key_fields = ("slug",)
    references: ClassVar = {"unit": ElementKind.UNIT}
    slug: Code
    name: Name
    unit: Code
    kind: Annotated[SiteKind, Lax]
    status: Annotated[SiteStatus, Lax] = SiteStatus.ACTIVE
    address: Line = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    people: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


KINDS: Final = (
    Kind(
        row=SiteRow,
        model=Site,
        section="sites",
        scope=("unit",),
        searched=("name", "address"),
    ),
)
