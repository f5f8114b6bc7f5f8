"""Tenants, and contacts with the sites and providers they answer for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from inventory.sources.netbox.shapes import identity, line, place, text, whole
from inventory.text import fold

if TYPE_CHECKING:
    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found, Thing

_NO_CODE_LETTER: Final = re.compile(r"[^a-z0-9]+")
_ASSIGNED: Final = {
    "dcim.site": ("dcim/sites", "slug", "sites"),
    "circuits.provider": ("circuits/providers", "name", "providers"),
}


def translate(found: Found, _mapping: Mapping, draft: Draft) -> None:
    """Add their rows."""
    for thing in found.of("tenancy/tenants"):
        draft.add(
            "tenants", place(thing, "tenancy/tenants"),
            slug=text(thing, "slug"), name=text(thing, "name"),
            description=line(thing, "description"),
        )  # fmt: skip
    assigned = _assigned(found, draft)
    codes = contact_codes(found)
    for thing in found.of("tenancy/contacts"):
        draft.add(
            "contacts", place(thing, "tenancy/contacts"),
            code=codes[thing["id"]], name=text(thing, "name"), function=line(thing, "title"),
            phone=line(thing, "phone"), mail=text(thing, "email"),
            **assigned.get(thing["id"], {}),
        )  # fmt: skip


def contact_codes(found: Found) -> dict[int, str]:
    """Return the code of each contact: NetBox has none, so it is made of the name."""
    codes: dict[int, str] = {}
    for thing in sorted(found.of("tenancy/contacts"), key=lambda one: int(one["id"])):
        name = _NO_CODE_LETTER.sub("-", fold(text(thing, "name"))).strip("-")[:56] or "contact"
        codes[thing["id"]] = f"{name}-{thing['id']}" if name in codes.values() else name
    return codes


def _assigned(found: Found, draft: Draft) -> dict[int, dict[str, list[str]]]:
    known = {endpoint: found.by_id(endpoint) for endpoint, _, _ in _ASSIGNED.values()}
    assigned: dict[int, dict[str, list[str]]] = {}
    for thing in found.of("tenancy/contact-assignments"):
        kind = text(thing, "object_type") or text(thing, "content_type")
        if kind not in _ASSIGNED:
            draft.notes[f"contact assignments to a {kind} are left out"] += 1
            continue
        endpoint, name, into = _ASSIGNED[kind]
        key = _named(known[endpoint].get(whole(thing, "object_id") or 0), name)
        contact = identity(thing, "contact")
        if key is not None:
            assigned.setdefault(contact, {}).setdefault(into, []).append(key)
    return assigned


def _named(thing: Thing | None, name: str) -> str | None:
    return None if thing is None else text(thing, name)
