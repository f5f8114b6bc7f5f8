"""Make links bad: circuits by their wire, cables by netem or by a wire of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.state import WIRE_SOCKET, Impaired
from lab.wires import carry, netem
from lab.wires.control import ask
from lab.wires.queue import Quality

if TYPE_CHECKING:
    from lab.state import LabState
    from lab.topology import Link
    from lab.wires.control import WireStatus

NETEM, WIRE = "netem", "wire"


def means() -> str:
    """Return what a cable impaired now would be impaired by."""
    return NETEM if netem.is_had() else WIRE


def impair(held: LabState, name: str, changes: dict[str, float]) -> str:
    """Change what a link does to frames, at once and in both directions; return by what means.

    What was asked before and is not asked now stays.

    Raises:
        LabError: no such link, or the kernel or the wire process refused.
    """
    drawn = held.province()
    link = drawn.links.get(name)
    if link is None:
        raise LabError(f"There is no link `{name}`; hatang-lab status lists them.")
    if link.wire:
        ask(WIRE_SOCKET, op="set", wire=name, **changes)
        return WIRE
    before = held.impaired.get(name)
    now = Impaired(
        before.means if before else means(), (before.quality if before else {}) | changes
    )
    quality = Quality(**now.quality)  # type: ignore[arg-type] # `cut` is none of a person's words
    if now.means == NETEM:
        for node, port in (link.a, link.z):
            netem.apply(carry.scope(node), port, quality)
    elif before is None:
        carry.begin(link, drawn.seed, quality)
    else:
        ask(WIRE_SOCKET, op="set", wire=name, **changes)
    held.impaired[name] = now
    return now.means


def relieve(held: LabState, link: Link) -> None:
    """Let an impaired cable be a cable again; a circuit, or a cable that is one, stays as it is."""
    impaired = held.impaired.pop(link.name, None)
    if impaired is None:
        return
    if impaired.means == WIRE:
        carry.end(link)
        return
    for node, port in (link.a, link.z):
        netem.remove(carry.scope(node), port)


def counted(held: LabState) -> dict[str, WireStatus]:
    """Return what every wire and every netem did to frames, by link."""
    drawn = held.province()
    found = ask(WIRE_SOCKET, op="status")
    for name, impaired in held.impaired.items():
        if impaired.means == NETEM:
            link = drawn.links[name]
            a, z = (netem.counted(carry.scope(node), port) for node, port in (link.a, link.z))
            quality = vars(Quality(**impaired.quality))  # type: ignore[arg-type] # as above
            found[name] = {"quality": quality, "a_to_z": a, "z_to_a": z}
    return found
