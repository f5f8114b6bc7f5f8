"""How NetBox writes things: choices, nested objects, places; the same for old and new versions."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from inventory.sources.netbox.client import Thing

_SITE: Final = "dcim.site"


def nested(thing: Any, *names: str) -> Any:
    """Return what stands below `names`, None where anything on the way is missing."""
    for name in names:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def text(thing: Any, *names: str) -> str | None:
    """Return the text below `names`."""
    found = nested(thing, *names)
    return found if isinstance(found, str) and found else None


def line(thing: Any, *names: str) -> str | None:
    """Return the text below `names` as one line: descriptions and addresses come with breaks."""
    found = text(thing, *names)
    return " ".join(found.split()) if found else None


def choice(thing: Any, name: str) -> str | None:
    """Return the word of a choice; old versions numbered them and had only labels."""
    found = nested(thing, name)
    if isinstance(found, dict):
        value = found.get("value")
        found = value if isinstance(value, str) else str(found.get("label", "")).lower()
    return found if isinstance(found, str) and found else None


def whole(thing: Any, *names: str) -> int | None:
    """Return the number below `names` as a whole one."""
    found = nested(thing, *names)
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        return None
    return int(found)


def number(thing: Any, *names: str) -> float | None:
    """Return the number below `names`, which old versions write as text."""
    found = nested(thing, *names)
    try:
        return float(found) if isinstance(found, int | float | str) else None
    except (OverflowError, ValueError):
        return None


def identity(thing: Any, *names: str) -> int:
    """Return the id below `names`; 0, which no object has, where there is none."""
    return whole(thing, *names, "id") or 0


def several(thing: Any, *names: str) -> list[Thing]:
    """Return the objects listed below `names`."""
    found = nested(thing, *names)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def bare(thing: Any, name: str) -> str | None:
    """Return the address below `name` without its length."""
    found = text(thing, name, "address")
    return found.partition("/")[0] if found else None


def site_of(thing: Thing) -> str | None:
    """Return the slug of the site it belongs to; since 4.2 a site is one of several scopes."""
    scope = nested(thing, "scope") if text(thing, "scope_type") == _SITE else None
    return text(thing, "site", "slug") or text(scope, "slug")


def place(thing: Thing, endpoint: str) -> str:
    """Return where an object is: the path of its URL, which a person can open."""
    try:
        path = urlsplit(text(thing, "url") or "").path
    except ValueError:
        path = ""
    return path if path.startswith("/") else f"/api/{endpoint}/{thing['id']}/"


def role_of(thing: Thing) -> str | None:
    """Return the slug of a device's role, which was `device_role` before 3.6."""
    return text(thing, "role", "slug") or text(thing, "device_role", "slug")
