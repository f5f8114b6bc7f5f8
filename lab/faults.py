"""Break and heal nodes and links while the lab runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from lab import plumbing
from lab.errors import LabError
from lab.impairing import relieve
from lab.netns import name_of
from lab.province import HOST_NODE
from lab.routing import settle
from lab.shell import ip_batch
from lab.state import WIRE_SOCKET
from lab.wires.control import ask

if TYPE_CHECKING:
    from lab.state import LabState
    from lab.topology import Link, Province

SETTLE_SECONDS = 15.0
RATE_UNITS = {"kbit": 1e3, "mbit": 1e6, "gbit": 1e9, "bit": 1.0}
TIME_UNITS = {"ms": 1e-3, "us": 1e-6, "s": 1.0}


def break_target(held: LabState, target: str, *, silent: bool = False) -> list[str]:
    """Cut a link, or every link of a node as if its power went; return the links cut.

    `silent` keeps the carrier of circuits up: frames vanish and only dead timers notice.

    Raises:
        LabError: no such node or link.
    """
    drawn = held.province()
    cut = links_of_target(drawn, target)
    for link in cut:
        _cut(link, target, carrier=silent)
    if target not in held.broken:
        held.broken.append(target)
    return [link.name for link in cut]


def heal_target(held: LabState, target: str) -> list[str]:
    """Undo `break_target` and impairments; a link that another broken target still holds stays cut.

    Raises:
        LabError: no such node or link.
    """
    drawn = held.province()
    wanted = links_of_target(drawn, target)
    held.broken = [other for other in held.broken if other != target]
    still = {link.name for other in held.broken for link in links_of_target(drawn, other)}
    healed = [link for link in wanted if link.name not in still]
    late = [link for link in healed if _carries_gateway(link, drawn, target)]
    for link in healed:
        if link not in late:
            _mend(link, drawn)
    if late:
        settle(drawn.nodes[target], drawn, SETTLE_SECONDS)
    for link in late:
        _mend(link, drawn)
    for link in healed:
        relieve(held, link)
    return [link.name for link in healed]


def _carries_gateway(link: Link, drawn: Province, target: str) -> bool:
    """Say whether a core would answer for the data centre's gateway over this link.

    FRR's vrrpd stays master while its port is down, so a core that comes back would take the
    gateway before it has routes, and hide the whole province for some seconds.
    """
    node = drawn.nodes.get(target)
    if node is None or node.role != "core" or link.wire:
        return False
    return node.port(link.end_at(target)[1]).routing == "passive"


def links_of_target(drawn: Province, target: str) -> list[Link]:
    """Return the links a node or link name stands for.

    Raises:
        LabError: no such node or link.
    """
    if target in drawn.links:
        return [drawn.links[target]]
    if target in drawn.nodes and target != HOST_NODE:
        return drawn.links_of(target)
    raise LabError(f"There is no node or link `{target}`; hatang-lab status lists them.")


def _cut(link: Link, target: str, *, carrier: bool) -> None:
    if link.wire:
        ask(WIRE_SOCKET, op="set", wire=link.name, cut=True, carrier=carrier)
        return
    node, port = _lowered_end(link, target)
    ip_batch([f"link set {port} down"], netns=_scope(node))


def _lowered_end(link: Link, target: str) -> tuple[str, str]:
    """Return the end that goes down: the broken node's own, else the one away from the core.

    The other end then loses its carrier, as with a pulled cable. The host's end never goes down.
    """
    end = link.end_at(target) if target in (link.a[0], link.z[0]) else link.z
    return end if end[0] != HOST_NODE else link.a


def _scope(node: str) -> str | None:
    return None if node == HOST_NODE else name_of(node)


def _mend(link: Link, drawn: Province) -> None:
    if link.wire:
        quality = asdict(link.impairment)
        ask(WIRE_SOCKET, op="set", wire=link.name, cut=False, carrier=True, **quality)
        return
    for node_name, port in (link.a, link.z):
        node = drawn.nodes[node_name]
        if node_name == HOST_NODE:
            ip_batch(plumbing.host_lines(drawn))
        else:
            lines = [f"link set {port} up", *plumbing.route_lines(node)]
            ip_batch(lines, netns=_scope(node_name), check=False)


def quantity(text: str, units: dict[str, float], meaning: str) -> float:
    """Read `40ms` or `10mbit` in base units.

    Raises:
        LabError: no number, or a unit we do not know.
    """
    for unit in sorted(units, key=len, reverse=True):
        if text.endswith(unit):
            try:
                return float(text.removesuffix(unit)) * units[unit]
            except ValueError:
                break
    known = ", ".join(units)
    raise LabError(f"{meaning} `{text}` needs a number and one of the units {known}.")
