"""What stands in for what."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import ElementKind, GroupKind
from inventory.kinds.form import AnyAddress, Code, Hostname, Lax, Line, Name, Row, Slug
from inventory.kinds.kind import Kind, Many
from inventory.models import RedundancyGroup, RedundancyGroupCircuit, RedundancyGroupDevice


class RedundancyGroupRow(Row):
    """Devices or circuits of which `required` must work; `address` is the one they share."""

    kind_of_row = ElementKind.REDUNDANCY_GROUP
    references: ClassVar = {"devices": ElementKind.DEVICE, "circuits": ElementKind.CIRCUIT}
    code: Code
    name: Name
    kind: Annotated[GroupKind, Lax]
    protocol: Slug | None = None
    required: Annotated[int, Field(ge=1, le=1000)] = 1
    address: AnyAddress | None = None
    devices: list[Hostname] = Field(default_factory=list)
    circuits: list[Code] = Field(default_factory=list)
    description: Line = ""


KINDS: Final = (
    Kind(
        row=RedundancyGroupRow,
        model=RedundancyGroup,
        section="redundancy_groups",
        many={
            "devices": Many(RedundancyGroupDevice, "redundancy_group_id", "device_id"),
            "circuits": Many(RedundancyGroupCircuit, "redundancy_group_id", "circuit_id"),
        },
        scope=("devices", "circuits"),
    ),
)
