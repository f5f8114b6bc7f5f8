"""Providers, circuits, and the cables between interfaces, also those that run over a circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from inventory.sources.netbox.hardware import left_out
from inventory.sources.netbox.shapes import (
    choice,
    identity,
    line,
    nested,
    place,
    several,
    text,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found, Thing

_INTERFACE: Final = "dcim.interface"
_TERMINATION: Final = "circuits.circuittermination"
# NetBox's own words for circuits, where ours are those of sites.
_STATUS: Final = {
    "provisioning": "staging",
    "offline": "staging",
    "deprovisioning": "decommissioning",
    "decommissioned": "retired",
}
End = tuple[str, int]


def translate(found: Found, mapping: Mapping, draft: Draft) -> None:
    """Add their rows."""
    for thing in found.of("circuits/providers"):
        # One before 3.2, a list since.
        asns = [whole(one, "asn") for one in (thing, *several(thing, "asns"))]
        draft.add(
            "providers", place(thing, "circuits/providers"),
            name=text(thing, "name"), asn=next(filter(None, asns), None),
            account=text(thing, "account"), portal_url=text(thing, "portal_url"),
        )  # fmt: skip
    sides = _sides(found)
    for thing in found.of("circuits/circuits"):
        _circuit(thing, sides.get(thing["id"], {}), draft)
    _links(found, mapping, draft)


def _sides(found: Found) -> dict[int, dict[str, Thing]]:
    """Return the ends of each circuit by their letter."""
    sides: dict[int, dict[str, Thing]] = {}
    for thing in found.of("circuits/circuit-terminations"):
        side = sides.setdefault(identity(thing, "circuit"), {})
        side[str(thing.get("term_side"))] = thing
    return sides


def _site(side: Thing | None) -> str | None:
    on_site = text(side, "termination_type") == "dcim.site"  # since 4.2
    return text(side, "site", "slug") or (text(side, "termination", "slug") if on_site else None)


def _circuit(thing: Thing, sides: dict[str, Thing], draft: Draft) -> None:
    a, z = sides.get("A"), sides.get("Z")
    if _site(a) is None or _site(z) is None:
        draft.notes["circuits are left out: they do not lead from a site to a site"] += 1
        return
    status = choice(thing, "status") or ""
    draft.add(
        "circuits", place(thing, "circuits/circuits"),
        cid=text(thing, "cid"), provider=text(thing, "provider", "name"), a=_site(a), z=_site(z),
        commit_rate_kbps=whole(thing, "commit_rate"), status=_STATUS.get(status, status),
        type=text(thing, "type", "slug"), upstream_rate_kbps=whole(z, "upstream_speed"),
        tenant=text(thing, "tenant", "slug"), description=line(thing, "description"),
    )  # fmt: skip


def _links(found: Found, mapping: Mapping, draft: Draft) -> None:
    unwanted = left_out(found, mapping)
    names = {
        thing["id"]: f"{text(thing, 'device', 'name')}:{text(thing, 'name')}"
        for thing in found.of("dcim/interfaces")
        if identity(thing, "device") not in unwanted
    }
    drawn: dict[frozenset[int], tuple[str, str | None]] = {}
    plugged: dict[int, int] = {}  # circuit termination → interface
    for where, a, b in _cables(found, draft):
        kinds = {a[0], b[0]}
        if kinds == {_INTERFACE}:
            drawn[frozenset((a[1], b[1]))] = (where, None)
        elif kinds == {_INTERFACE, _TERMINATION}:
            port, side = (a, b) if a[0] == _INTERFACE else (b, a)
            plugged[side[1]] = port[1]
        else:
            draft.notes["cables are not between two interfaces, and count by their far ends"] += 1
    for pair, where in _far_ends(found):
        drawn.setdefault(pair, (where, None))
    drawn |= _over_circuits(found, plugged)
    for pair, (where, circuit) in drawn.items():
        if pair <= names.keys():
            ends = sorted(names[one] for one in pair)
            draft.add("links", where, a=ends[0], b=ends[-1], circuit=circuit)


def _cables(found: Found, draft: Draft) -> Iterator[tuple[str, End, End]]:
    for thing in found.of("dcim/cables"):
        ends = [_ends(thing, letter) for letter in "ab"]
        if all(len(one) == 1 for one in ends):
            yield place(thing, "dcim/cables"), ends[0][0], ends[1][0]
        else:
            draft.notes["cables are left out: they have no end, or several at a side"] += 1


def _ends(thing: Thing, letter: str) -> list[End]:
    """Return what a cable is plugged into at one side; one object before 3.3, a list since."""
    if isinstance(thing.get(f"{letter}_terminations"), list):
        many = several(thing, f"{letter}_terminations")
        return [(str(one.get("object_type")), whole(one, "object_id") or 0) for one in many]
    kind, number = (
        text(thing, f"termination_{letter}_type"),
        whole(thing, f"termination_{letter}_id"),
    )
    return [(kind, number)] if kind and number else []


def _far_ends(found: Found) -> Iterator[tuple[frozenset[int], str]]:
    """Yield pairs of interfaces as NetBox traced them through patch panels."""
    for thing in found.of("dcim/interfaces"):
        kind = text(thing, "connected_endpoints_type") or text(thing, "connected_endpoint_type")
        far: Any = nested(thing, "connected_endpoints") or nested(thing, "connected_endpoint")
        one = far[0] if isinstance(far, list) and len(far) == 1 else far
        if kind == _INTERFACE and identity(one):
            yield frozenset((thing["id"], identity(one))), place(thing, "dcim/interfaces")


def _over_circuits(
    found: Found, plugged: dict[int, int]
) -> dict[frozenset[int], tuple[str, str | None]]:
    drawn: dict[frozenset[int], tuple[str, str | None]] = {}
    circuits, sides = found.by_id("circuits/circuits"), _sides(found)
    for circuit, ends in sides.items():
        ports = [plugged.get(side["id"]) for letter, side in ends.items() if letter in "AZ"]
        pair = frozenset(port for port in ports if port is not None)
        if len(pair) == 2 and circuit in circuits:
            thing = circuits[circuit]
            drawn[pair] = (place(thing, "circuits/circuits"), text(thing, "cid"))
    return drawn
