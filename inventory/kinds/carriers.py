"""Who sells circuits, and the circuits."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import ElementKind, SiteStatus
from inventory.kinds.form import Code, Lax, Row, ShortLine, Word
from inventory.kinds.kind import Kind
from inventory.models import Circuit, Provider


class ProviderRow(Row):
    """Who sells circuits."""

    kind_of_row = ElementKind.PROVIDER
    key_fields = ("name",)
    name: Word
    hotline: ShortLine = ""


class CircuitRow(Row):
    """A leased line between two sites."""

    kind_of_row = ElementKind.CIRCUIT
    key_fields = ("cid",)
    references: ClassVar = {
        "provider": ElementKind.PROVIDER,
        "a": ElementKind.SITE,
        "z": ElementKind.SITE,
    }
    cid: Code
    provider: Word
    a: Code
    z: Code
    commit_rate_kbps: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    status: Annotated[SiteStatus, Lax] = SiteStatus.ACTIVE


KINDS: Final = (
    Kind(row=ProviderRow, model=Provider, section="providers"),
    Kind(
        row=CircuitRow,
        model=Circuit,
        section="circuits",
        columns={"a": "a_site_id", "z": "z_site_id"},
        scope=("a", "z"),
        joins=True,
    ),
)
