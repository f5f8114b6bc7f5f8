"""What the topology is made of: plain nodes and edges, as the database or a test draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from inventory.choices import ElementKind


class Element(NamedTuple):
    """An element of the inventory by kind and stable key (a device's is its `device_key`)."""

    kind: ElementKind
    key: str


@dataclass(frozen=True, slots=True)
class DeviceNode:
    """A device in operation; `name` is for people, `key` for machines."""

    key: str
    site: str = ""
    is_root: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkEdge:
    """A cable between the devices `a` and `z`; `is_assumed` when nobody drew it."""

    key: str
    a: str
    z: str
    circuit: str | None = None
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class SiteNode:
    """A site and how many people work there, None when not known."""

    key: str
    people: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A service, what it runs on (any one suffices) and the services it needs (all).

    A device of a redundancy group stands for its group, which the service needs.
    """

    key: str
    runs_on: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineNode:
    """A virtual machine on a cluster, or else on the device `host`; neither when not known."""

    key: str
    cluster: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A cluster and its hosts, of which any one suffices unless a redundancy group says more."""

    key: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupNode:
    """A redundancy group: `required` of its devices and circuits must work for it to work."""

    key: str
    required: int = 1
    devices: tuple[str, ...] = ()
    circuits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomNode:
    """A meeting room and its site."""

    key: str
    site: str


@dataclass(frozen=True, slots=True)
class Network:
    """All that the topology is made of."""

    devices: tuple[DeviceNode, ...] = ()
    links: tuple[LinkEdge, ...] = ()
    sites: tuple[SiteNode, ...] = ()
    services: tuple[ServiceNode, ...] = ()
    rooms: tuple[RoomNode, ...] = ()
    machines: tuple[MachineNode, ...] = ()
    clusters: tuple[ClusterNode, ...] = ()
    groups: tuple[GroupNode, ...] = ()
