"""Requests made from what the app says of itself: a path with its places filled, a valid body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES: Final = {
    "number": "1",
    "name": "hub-1",
    "code": "mcu-1",
    "bridge": "mcu-1",
    "uid:path": "x",
    "uid": "x",
    "room": "room-01",
    "check": "path",
    "kind": "registrations",
}
MOMENTS: Final = {"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-01T01:00:00Z"}
DEVICE_FIELDS: Final = frozenset({"device", "devices", "elements", "name"})
_DEPTH: Final = 8


def filled(path: str) -> str:
    """Return the path with something in each place."""
    return re.sub(r"\{([^}]+)\}", lambda found: PLACES[found[1]], path)


def body(schema: Mapping[str, Any], described: Mapping[str, Any]) -> Any:
    """Return what a schema of the app's own description allows, with the required fields only."""
    return _value(schema, described["components"]["schemas"], "", 0)


def _value(schema: Mapping[str, Any], known: Mapping[str, Any], name: str, depth: int) -> Any:
    plain = _plain(schema, known)
    if "const" in plain or "enum" in plain:
        return plain.get("const", plain.get("enum", [None])[0])
    kind = plain.get("type", "object")
    if kind == "object":
        return _object(plain, known, depth)
    if kind == "array":
        count = max(1, plain.get("minItems", 1)) if depth < _DEPTH else 0
        return [_value(plain["items"], known, name, depth + 1)] * count
    if kind in {"integer", "number"}:
        return plain.get("minimum", plain.get("exclusiveMinimum", 0) + 1)
    return True if kind == "boolean" else _text(plain, name)


def _plain(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema behind references, the first of those that are allowed."""
    if "$ref" in schema:
        return _plain(known[schema["$ref"].rpartition("/")[2]], known)
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    return _plain(choices[0], known) if choices else schema


def _object(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> Any:
    fields = schema.get("properties", {})
    found = {
        name: _value(fields[name], known, name, depth + 1) for name in schema.get("required", ())
    }
    extra = schema.get("additionalProperties")
    if not fields and isinstance(extra, dict):
        found["1"] = _value(extra, known, "", depth + 1)
    return found


def _text(schema: Mapping[str, Any], name: str) -> str:
    form, pattern = schema.get("format", ""), schema.get("pattern", "")
    if form == "date-time":
        return MOMENTS.get(name, "2098-12-31T23:00:00Z")
    if form == "date":
        return "2099-01-01"
    sizes = re.findall(r"\{(\d+)\}", pattern)
    if "0-9a-f" in pattern and sizes:
        return "0" * int(sizes[0])
    return "hub-1" if name in DEVICE_FIELDS else "x" * max(1, schema.get("minLength", 1))
