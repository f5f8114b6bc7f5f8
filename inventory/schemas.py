"""What may stand in an inventory file: a list of rows a section; unknown keys are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from inventory.kinds.form import Code, Name
from inventory.kinds.registry import KINDS

if TYPE_CHECKING:
    from inventory.kinds.form import Row


class Province(BaseModel):
    """Whose inventory it is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    code: Code
    name: Name


SECTIONS: Final[dict[str, type[Row]]] = {one.section: one.row for one in KINDS.values()}
VERSION: Final = 1
