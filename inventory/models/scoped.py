"""Whose a row is, and columns that many tables have."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import mapped_column

from hatang.scope.models import Scope

# Null where no unit owns the row: only who reaches the whole province sees it.
ScopeId = Annotated[int, mapped_column(ForeignKey(Scope.id), index=True)]
SearchText = Annotated[str, mapped_column(Text, default="")]
Described = Annotated[str, mapped_column(String(255), default="")]
Status = Annotated[str, mapped_column(String(32), default="active")]
UnitId = Annotated[int, mapped_column(ForeignKey("inventory_unit.id"), index=True)]
TenantId = Annotated[int, mapped_column(ForeignKey("inventory_tenant.id"), index=True)]
SiteId = Annotated[int, mapped_column(ForeignKey("inventory_site.id"), index=True)]
ZoneId = Annotated[int, mapped_column(ForeignKey("inventory_zone.id"), index=True)]
SoftwareId = Annotated[int, mapped_column(ForeignKey("inventory_software.id"), index=True)]
DeviceId = Annotated[int, mapped_column(ForeignKey("inventory_device.id"), index=True)]
MachineId = Annotated[int, mapped_column(ForeignKey("inventory_virtual_machine.id"), index=True)]
ServiceId = Annotated[int, mapped_column(ForeignKey("inventory_service.id"), index=True)]
ContactId = Annotated[int, mapped_column(ForeignKey("inventory_contact.id"), index=True)]
