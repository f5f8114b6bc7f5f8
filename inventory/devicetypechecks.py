"""What is wrong with one file of the device-type library, in the library's own terms.

Sources: the library's schema (devicetype.json, moduletype.json, components.json) and CONTRIBUTING.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import Problem
from inventory.choices import ElementKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.records import Fields

MAX_PARTS: Final = 10_000
MAX_TEXT: Final = 100
_SLUG: Final = re.compile(r"[-a-z0-9_]+")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TYPED: Final = (
    "console-ports",
    "console-server-ports",
    "power-ports",
    "power-outlets",
    "interfaces",
    "front-ports",
    "rear-ports",
)
_UNTYPED: Final = ("module-bays", "device-bays", "inventory-items")
_TEXTS: Final = ("slug", "part_number", "airflow", "weight_unit", "subdevice_role")
_FLAGS: Final = ("is_full_depth", "is_powered", "front_image", "rear_image")
_NUMBERS: Final = ("u_height", "weight")
_LONG: Final = ("description", "comments")
KNOWN: Final = frozenset(
    {"manufacturer", "model", *_TEXTS, *_FLAGS, *_NUMBERS, *_LONG, *_TYPED, *_UNTYPED}
)


def check(where: str, kind: ElementKind, fields: Fields, problems: list[Problem]) -> Iterator[str]:
    """Add what is wrong to `problems`; yield the keys that are kept although unknown."""
    for name in ("manufacturer", "model"):
        problems += _name(where, name, fields.get(name))
    for name in _TEXTS:
        problems += _text(where, name, fields.get(name))
    if isinstance(fields.get("slug"), str) and not _SLUG.fullmatch(fields["slug"]):
        fix = "Use small letters, digits, hyphen and underscore."
        problems.append(Problem(where, "slug", fields["slug"][:80], "is no slug", fix))
    for name in _FLAGS:
        if not isinstance(fields.get(name), bool | None):
            value = str(fields[name])[:80]
            problems.append(Problem(where, name, value, "is not true or false", "Correct it."))
    for name in _NUMBERS:
        problems += _number(where, name, fields.get(name))
    for section in (*_TYPED, *_UNTYPED):
        problems += _parts(where, section, fields.get(section))
    problems += _references(where, fields)
    if kind is ElementKind.MODULE_TYPE and fields.get("module-bays"):
        yield "module-types: module-bays"
    yield from (f"{kind}: {name}" for name in fields if name not in KNOWN)


def _name(where: str, name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or not value.strip():
        shown = "" if value is None or isinstance(value, dict | list) else str(value)[:80]
        message = "is missing" if value is None else "is no text"
        yield Problem(where, name, shown, message, "Give a text, in quotes if need be.")
    elif len(value) > MAX_TEXT or _CONTROL.search(value):
        message = f"is longer than {MAX_TEXT} letters, or holds a control character"
        yield Problem(where, name, value[:80], message, "Shorten it.")


def _text(where: str, name: str, value: Any) -> Iterator[Problem]:
    if value is not None:
        yield from _name(where, name, value) if value != "" else ()


def _number(where: str, name: str, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value < 0:
        yield Problem(where, name, str(value)[:80], "is no number from 0 up", "Correct it.")
    elif name == "u_height" and value * 2 != int(value * 2):
        yield Problem(where, name, str(value), "is no whole or half unit", "Correct it.")


def _parts(where: str, section: str, rows: Any) -> Iterator[Problem]:
    if rows is None:
        return
    if not isinstance(rows, list) or len(rows) > MAX_PARTS:
        message = f"is no list of at most {MAX_PARTS} parts"
        yield Problem(where, section, "", message, "Give a list of parts.")
        return
    names: set[str] = set()
    for index, row in enumerate(rows):
        place = f"{section}.{index}"
        if not isinstance(row, dict):
            yield Problem(where, place, "", "is no mapping", "Give the part's name and type.")
            continue
        yield from _name(where, f"{place}.name", row.get("name"))
        if section in _TYPED:
            yield from _name(where, f"{place}.type", row.get("type"))
        name = str(row.get("name"))
        if name in names:
            yield Problem(where, f"{place}.name", name[:80], "is given twice", "Keep one.")
        names.add(name)


def _references(where: str, fields: Fields) -> Iterator[Problem]:
    for section, name, target in (
        ("power-outlets", "power_port", "power-ports"),
        ("front-ports", "rear_port", "rear-ports"),
    ):
        known = {str(row.get("name")) for row in _rows(fields, target)}
        for index, row in enumerate(_rows(fields, section)):
            value = row.get(name)
            if value is not None and str(value) not in known:
                message = f"names none of the {target}"
                place = f"{section}.{index}.{name}"
                yield Problem(where, place, str(value)[:80], message, "Correct the name.")


def _rows(fields: Fields, section: str) -> list[Fields]:
    rows = fields.get(section)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
