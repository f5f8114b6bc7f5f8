"""Organisations."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from inventory.choices import ElementKind, UnitKind
from inventory.kinds.form import Code, Day, Lax, Name, Row
from inventory.kinds.kind import Kind
from inventory.models import Unit


class UnitRow(Row):
    """An organisation."""

    kind_of_row = ElementKind.UNIT
    references: ClassVar = {"parent": ElementKind.UNIT}
    code: Code
    name: Name
    kind: Annotated[UnitKind, Lax]
    parent: Code | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


KINDS: Final = (Kind(row=UnitRow, model=Unit, section="units", searched=("name",)),)
