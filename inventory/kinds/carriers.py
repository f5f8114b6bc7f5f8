"""Who sells circuits, and the circuits."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, StringConstraints

from inventory.choices import ElementKind, SiteStatus
from inventory.kinds.form import (
    Code,
    Day,
    Lax,
    Line,
    Printable,
    Rate,
    Row,
    ShortLine,
    Slug,
    Url,
    Word,
)
from inventory.kinds.kind import Kind
from inventory.models import Circuit, Provider


class ProviderRow(Row):
    """Who sells circuits."""

    kind_of_row = ElementKind.PROVIDER
    key_fields = ("name",)
    name: Word
    hotline: ShortLine = ""
    asn: Annotated[int, Field(ge=1, le=4_294_967_295)] | None = None
    account: Word | Literal[""] = ""
    portal_url: Url | None = None


class CircuitRow(Row):
    """A leased line between two sites.

    `commit_rate_kbps` is towards Z, `upstream_rate_kbps` towards A where it is another;
    `hotline` is the contract's own, else the provider's counts.
    """

    kind_of_row = ElementKind.CIRCUIT
    key_fields = ("cid",)
    references: ClassVar = {
        "provider": ElementKind.PROVIDER,
        "a": ElementKind.SITE,
        "z": ElementKind.SITE,
        "tenant": ElementKind.TENANT,
    }
    cid: Code
    provider: Word
    a: Code
    z: Code
    commit_rate_kbps: Rate | None = None
    status: Annotated[SiteStatus, Lax] = SiteStatus.ACTIVE
    type: Slug | None = None
    upstream_rate_kbps: Rate | None = None
    domestic_rate_kbps: Rate | None = None
    international_rate_kbps: Rate | None = None
    contract_number: Annotated[str, StringConstraints(max_length=100), Printable] = ""
    contract_expires: Day | None = None
    hotline: ShortLine = ""
    tenant: Code | None = None
    description: Line = ""


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
