"""Organisations, who else uses their places, and whom to call."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field, model_validator

from inventory.choices import ElementKind, UnitKind
from inventory.kinds.form import Code, Day, Lax, Line, Mail, Name, Phone, Row, Word
from inventory.kinds.kind import Kind, Many
from inventory.models import (
    Contact,
    ContactProvider,
    ContactService,
    ContactSite,
    Tenant,
    Unit,
)


class UnitRow(Row):
    """An organisation; `aliases` are old codes and names that still find it."""

    kind_of_row = ElementKind.UNIT
    references: ClassVar = {"parent": ElementKind.UNIT}
    code: Code
    name: Name
    kind: Annotated[UnitKind, Lax]
    parent: Code | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    aliases: list[Name] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_order(self) -> UnitRow:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class TenantRow(Row):
    """Who uses a site, device or circuit without owning the place: tax, treasury, customs."""

    kind_of_row = ElementKind.TENANT
    key_fields = ("slug",)
    slug: Code
    name: Name
    description: Line = ""


class ContactRow(Row):
    """A person to call; `unit` is where the person works, the lists what the person answers for."""

    kind_of_row = ElementKind.CONTACT
    references: ClassVar = {
        "unit": ElementKind.UNIT,
        "sites": ElementKind.SITE,
        "services": ElementKind.SERVICE,
        "providers": ElementKind.PROVIDER,
    }
    code: Code
    name: Name
    unit: Code | None = None
    function: Line = ""
    phone: Phone = ""
    mobile: Phone = ""
    mail: Mail | None = None
    sites: list[Code] = Field(default_factory=list)
    services: list[Code] = Field(default_factory=list)
    providers: list[Word] = Field(default_factory=list)


KINDS: Final = (
    Kind(row=UnitRow, model=Unit, section="units", searched=("name", "aliases")),
    Kind(row=TenantRow, model=Tenant, section="tenants", searched=("name",)),
    Kind(
        row=ContactRow,
        model=Contact,
        section="contacts",
        many={
            "sites": Many(ContactSite, "contact_id", "site_id"),
            "services": Many(ContactService, "contact_id", "service_id"),
            "providers": Many(ContactProvider, "contact_id", "provider_id"),
        },
        scope=("unit", "sites", "services"),
        searched=("name", "function", "phone", "mobile", "mail"),
    ),
)
