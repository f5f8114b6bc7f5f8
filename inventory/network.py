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
    """A service, the devices it runs on (any one suffices) and the services it needs (all)."""

    key: str
    runs_on: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


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
