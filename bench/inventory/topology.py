"""What the topology answers from memory: about every element there is, of every kind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bench.inventory.figures import judged, milliseconds, p95
from inventory import service
from inventory.choices import ElementKind
from inventory.network import Element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hatang.db import Database
    from inventory.network import Network
    from inventory.topology import Topology

GOAL: Final = 5.0
ROUNDS: Final = 3


def lines(database: Database) -> Iterator[str]:
    """Yield a line a question: the worst of all elements of that kind, in milliseconds."""
    began = time.perf_counter()
    with database.read() as session:
        topology = service.load_topology(session)
    yield f"  topology read in {time.perf_counter() - began:.2f} s, then from memory:"
    keys = [device.key for device in topology.network.devices]
    turns = iter(range(10**9))
    ways: dict[str, Callable[[], object]] = {
        "upstream": lambda: topology.upstream(keys[next(turns) * 7919 % len(keys)]),
        "path": lambda: topology.path(
            keys[next(turns) * 7919 % len(keys)], keys[next(turns) * 104_729 % len(keys)]
        ),
    }
    for name, work in ways.items():
        taken = milliseconds(work, 1000)
        yield judged(f"{name:<24} p95 of 1000 {p95(taken):.3f} ms", p95(taken), GOAL, "ms")
    for kind, elements in _elements(topology.network).items():
        yield _affected(topology, kind, list(elements))


def _elements(network: Network) -> dict[ElementKind, Iterable[str]]:
    return {
        ElementKind.DEVICE: (one.key for one in network.devices),
        ElementKind.LINK: (one.key for one in network.links),
        ElementKind.CIRCUIT: {one.circuit for one in network.links if one.circuit},
        ElementKind.SITE: {one.site for one in network.devices},
        ElementKind.SERVICE: (one.key for one in network.services),
        ElementKind.VIRTUAL_MACHINE: (one.key for one in network.machines),
        ElementKind.CLUSTER: (one.key for one in network.clusters),
        ElementKind.REDUNDANCY_GROUP: (one.key for one in network.groups),
    }


def _affected(topology: Topology, kind: ElementKind, keys: list[str]) -> str:
    """Return the worst element's time; of three askings the quickest, the machine being busy."""
    worst, hit = 0.0, 0
    for key in keys:
        element = Element(kind, key)
        taken = milliseconds(lambda element=element: topology.affected(element), ROUNDS)[0]  # type: ignore[misc]
        worst = max(worst, taken)
        hit = max(hit, len(topology.affected(element).devices))
    told = f"affected by a {kind}: {len(keys)} asked, up to {hit} devices hit, worst {worst:.3f} ms"
    return judged(told, worst, GOAL, "ms")
