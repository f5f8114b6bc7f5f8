"""Whose each element is: the scope of its unit, found through its site or device.

What joins two places belongs to the end deeper in the tree: that end is the one served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.choices import ElementKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.records import Fields

Everything = dict[ElementKind, dict[str, "Fields"]]
Scopes = dict[ElementKind, dict[str, int]]


def scopes(everything: Everything, unit_scopes: Mapping[str, int]) -> Scopes:
    """Return the scope of every element; `unit_scopes` gives those of the units."""
    depth = _depths(everything[ElementKind.UNIT])
    deeper = {unit_scopes[code]: level for code, level in depth.items()}
    found: Scopes = {ElementKind.UNIT: dict(unit_scopes)}

    def inherit(kind: ElementKind, name: str, source: ElementKind) -> None:
        found[kind] = {
            key: found[source][fields[name]] for key, fields in everything.get(kind, {}).items()
        }

    def join(kind: ElementKind, names: tuple[str, str], source: ElementKind) -> None:
        found[kind] = {}
        for key, fields in everything.get(kind, {}).items():
            one, other = (found[source][fields[name]] for name in names)
            found[kind][key] = one if deeper[one] > deeper[other] else other

    inherit(ElementKind.SITE, "unit", ElementKind.UNIT)
    inherit(ElementKind.DEVICE, "site", ElementKind.SITE)
    inherit(ElementKind.INTERFACE, "device", ElementKind.DEVICE)
    inherit(ElementKind.SERVICE, "unit", ElementKind.UNIT)
    inherit(ElementKind.ROOM, "site", ElementKind.SITE)
    inherit(ElementKind.BRIDGE, "device", ElementKind.DEVICE)
    inherit(ElementKind.REGISTRAR, "device", ElementKind.DEVICE)
    join(ElementKind.CIRCUIT, ("a", "z"), ElementKind.SITE)
    join(ElementKind.LINK, ("a", "b"), ElementKind.INTERFACE)
    return found


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
