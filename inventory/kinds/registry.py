"""All kinds, in the order an import writes them: that of `ElementKind`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.choices import ElementKind
from inventory.kinds import (
    addressing,
    carriers,
    computing,
    conference,
    hardware,
    organisations,
    places,
    redundancy,
    systems,
)

if TYPE_CHECKING:
    from inventory.kinds.kind import Kind

_FAMILIES: Final = (
    organisations,
    places,
    addressing,
    hardware,
    computing,
    carriers,
    redundancy,
    systems,
    conference,
)
_FOUND: Final = {one.kind: one for family in _FAMILIES for one in family.KINDS}

KINDS: Final[dict[ElementKind, Kind]] = {kind: _FOUND[kind] for kind in ElementKind}
ORDER: Final = {kind: place for place, kind in enumerate(KINDS)}


def is_late(kind: Kind, name: str) -> bool:
    """Whether the reference `name` may point to what is written no earlier than `kind` itself."""
    return ORDER[kind.references[name]] >= ORDER[kind.kind]
