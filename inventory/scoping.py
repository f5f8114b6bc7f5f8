"""Whose each element is: the scope of its unit, found through the references its kind declares.

What joins two places belongs to the end deeper in the tree: that end is the one served. What
belongs to no unit belongs to the root, where there is one root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inventory.kinds.kind import Kind
    from inventory.records import Fields

Everything = dict[ElementKind, dict[str, "Fields"]]
Scopes = dict[ElementKind, dict[str, int | None]]


def _owners_first() -> tuple[ElementKind, ...]:
    order: dict[ElementKind, None] = {}

    def place(word: ElementKind) -> None:
        for name in KINDS[word].scope:
            place(KINDS[word].target(name))
        order.setdefault(word)

    for word in KINDS:
        place(word)
    return tuple(order)


_ORDER: Final = _owners_first()


def scopes(everything: Everything, unit_scopes: Mapping[str, int | None]) -> Scopes:
    """Return the scope of every element; `unit_scopes` gives those of the units."""
    depth = _depths(everything[ElementKind.UNIT])
    deep = {unit_scopes[code]: level for code, level in depth.items()}
    roots = [unit_scopes[code] for code, level in depth.items() if level == 0]
    root = roots[0] if len(roots) == 1 else None
    found: Scopes = {ElementKind.UNIT: dict(unit_scopes)}
    for word in _ORDER:
        kind = KINDS[word]
        if kind.is_scoped and word is not ElementKind.UNIT:
            found[word] = {}
            for key, fields in everything.get(word, {}).items():
                owners = list(_owners(kind, fields, found))
                if kind.joins:  # of two as deep, the far end
                    owners.reverse()
                    owners.sort(key=lambda one: -deep.get(one, -1))
                found[word][key] = owners[0] if owners else root
    return found


def _owners(kind: Kind, fields: Mapping[str, Any], found: Scopes) -> Iterator[int | None]:
    for name in kind.scope:
        value = fields.get(name)
        key = (value[0] if value else None) if isinstance(value, list) else value
        if key is not None:
            yield found[kind.target(name)][key]


def _depths(units: Mapping[str, Fields]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for code in units:
        chain: list[str] = []
        at: str | None = code
        while at is not None and at not in depths:
            chain.append(at)
            at = units[at].get("parent")
        level = -1 if at is None else depths[at]
        for one in reversed(chain):
            level += 1
            depths[one] = level
    return depths
