"""E-government systems and what they stand on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import ElementKind
from inventory.kinds.form import Code, Hostname, Name, Row, Slug, Url
from inventory.kinds.kind import Kind, Many
from inventory.models import Service, ServiceDependency, ServiceDevice


class ServiceRow(Row):
    """An e-government system."""

    kind_of_row = ElementKind.SERVICE
    references: ClassVar = {
        "unit": ElementKind.UNIT,
        "runs_on": ElementKind.DEVICE,
        "depends_on": ElementKind.SERVICE,
    }
    code: Code
    name: Name
    kind: Slug
    unit: Code
    runs_on: list[Hostname] = Field(default_factory=list)
    depends_on: list[Code] = Field(default_factory=list)
    url: Url | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None


KINDS: Final = (
    Kind(
        row=ServiceRow,
        model=Service,
        section="services",
        many={
            "runs_on": Many(ServiceDevice, "service_id", "device_id"),
            "depends_on": Many(ServiceDependency, "service_id", "depends_on_id"),
        },
        scope=("unit",),
        searched=("name",),
    ),
)
