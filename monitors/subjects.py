"""What a graph is about: an element of the inventory, found within the asker's reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.rows import Query
from monitors.graphs import find, matcher

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import CircuitRow
    from monitors.graphs import Graph


@dataclass(frozen=True, slots=True)
class Subject:
    """A graph, the label matchers of what it is about, and lines to compare it with."""

    graph: Graph
    of: str
    marks: tuple[tuple[str, float], ...] = ()


def subject(session: AnySession, actor: Actor, kind: str, key: str, graph: str) -> Subject:
    """Return the graph called `graph` of a device (by name), circuit (cid) or service (code).

    Raises:
        NotFoundError: there is no such graph, or no such element for this actor.
    """
    found = find(kind, graph)
    if found is None:
        raise NotFoundError(f"a {kind} has no graph {graph}")
    if kind == "device":
        return Subject(found, matcher(inventory.get_device(session, actor, key).device_key))
    if kind == "service":
        rows = inventory.list_services(session, actor, Query({"code": key})).items
        if not rows:
            raise NotFoundError(f"there is no service {key}")
        return Subject(found, matcher(f"service:{rows[0].code}"))
    return _circuit(session, actor, key, found)


def _circuit(session: AnySession, actor: Actor, cid: str, graph: Graph) -> Subject:
    rows = inventory.list_circuits(session, actor, Query({"cid": cid})).items
    links = inventory.list_links(session, actor, Query({"circuit": cid})).items
    if not rows or not links:
        raise NotFoundError(f"no cable is drawn over the circuit {cid}")
    link = links[0]
    device = inventory.get_device(session, actor, link.a_device)
    return Subject(graph, matcher(device.device_key, link.a_interface), _marks(graph, rows[0]))


def _marks(graph: Graph, circuit: CircuitRow) -> tuple[tuple[str, float], ...]:
    if graph.unit != "bit/s" or circuit.commit_rate_kbps is None:
        return ()
    return (("committed-rate", circuit.commit_rate_kbps * 1000.0),)
