"""Ask a router whether its neighbours are there."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from lab.enter import run_inside
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.topology import Node, Province

POLL_SECONDS = 0.3


def adjacencies_full(node: Node) -> bool:
    """Say whether every OSPF port of the router has a neighbour in state Full."""
    expected = sum(port.routing == "ospf" for port in node.ports)
    if not expected:
        return True
    text = run_inside(node.name, ["vtysh", "-c", "show ip ospf neighbor json"])
    neighbours = json.loads(text or "{}").get("neighbors", {})
    states = [str(entry["nbrState"]) for entries in neighbours.values() for entry in entries]
    return len([word for word in states if word.startswith("Full")]) >= expected


def settle(node: Node, drawn: Province, seconds: float) -> None:
    """Wait until the router has a route to every other, or that long (some may be broken)."""
    others = {other.address for other in drawn.of_kind(Kind.ROUTER) if other is not node}
    deadline = time.monotonic() + seconds
    while others - _destinations(node) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _destinations(node: Node) -> set[str]:
    routes = json.loads(run_inside(node.name, ["ip", "-j", "-4", "route"]))
    return {str(route["dst"]) for route in routes}
