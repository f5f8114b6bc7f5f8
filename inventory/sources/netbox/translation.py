"""From NetBox's objects to rows: the same sections and keys as in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.sources.document import Draft
from inventory.sources.netbox import (
    addressing,
    carriers,
    computing,
    hardware,
    organisations,
    places,
)

if TYPE_CHECKING:
    from inventory.sources.document import Document
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found

HINTS: Final = {
    "name": "NetBox lets a device go without a name, hatang does not.",
    "role": "Or say what it is in the file of --map, under `roles`; null leaves such devices out.",
    "platform": "Or say what it is in the file of --map, under `platforms` or `defaults`.",
    "unit": "NetBox knows no units: say it in the file of --map, under `units` or `defaults`.",
    "kind": "NetBox knows no kinds: say it in the file of --map, under `site_kinds` or `defaults`.",
}


def translate(found: Found, mapping: Mapping) -> Document:
    """Return what was found as rows; what has no place here is counted in the notes."""
    draft = Draft(found.host)
    for endpoint in found.missing:
        draft.notes[f"endpoint this NetBox is too old for: {endpoint}"] += 1
    for family in (organisations, places, hardware, computing, addressing, carriers):
        family.translate(found, mapping, draft)
    return draft.document(HINTS)
