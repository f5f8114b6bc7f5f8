"""A physical province: cables, what is broken, and what a poller at the roots therefore sees.

Nothing here knows groups, cuts or causes: reachability is a walk over cables that work, so that
correlation is judged by something that shares no line with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory.network import DeviceNode, LinkEdge, Network, SiteNode

Cables = dict[str, tuple[str, str]]


@dataclass
class Plant:
    """Devices, cables between two of them each, and the set of what is broken now."""

    devices: tuple[str, ...]
    roots: frozenset[str]
    cables: Cables
    broken: set[str] = field(default_factory=set)

    @property
    def parts(self) -> list[str]:
        """Everything that can break, as elements."""
        return [f"device:{name}" for name in self.devices] + [f"link:{k}" for k in self.cables]

    def works(self, element: str) -> bool:
        """Whether nothing broke there."""
        return element not in self.broken

    def reached(self) -> set[str]:
        """Return the devices that a packet from a working root gets to."""
        found = {name for name in self.roots if self.works(f"device:{name}")}
        while True:
            further = {
                far
                for key, ends in self.cables.items()
                if self.works(f"link:{key}")
                for near, far in (ends, ends[::-1])
                if near in found and far not in found and self.works(f"device:{far}")
            }
            if not further:
                return found
            found |= further

    def causes(self) -> set[str]:
        """Return what people must be told of: faults at the edge of what is reached.

        From outside a dead device and a cut only cable to it look alike: the device is named.
        """
        reached = self.reached()
        edge = set(self.roots) - reached
        for ends in self.cables.values():
            edge |= {
                far for near, far in (ends, ends[::-1]) if near in reached and far not in reached
            }
        cut = {
            f"link:{key}"
            for key, ends in self.cables.items()
            if not self.works(f"link:{key}") and reached.issuperset(ends)
        }
        return {f"device:{name}" for name in edge} | cut

    def seen(self, device: str) -> dict[str, str]:
        """Return the states a poll of `device` now gives: its own and those of its ports."""
        is_reached = device in self.reached()
        found = {f"device:{device}": "good" if is_reached else "bad"}
        for key, ends in self.cables.items():
            if device not in ends:
                continue
            far = ends[ends[0] == device]
            is_up = self.works(f"link:{key}") and self.works(f"device:{far}")
            state = ("good" if is_up else "bad") if is_reached else "unknown"
            found[port(device, key)] = state
        return found

    def network(self) -> Network:
        """Return what the inventory knows of it."""
        return Network(
            devices=tuple(DeviceNode(name, name, name in self.roots) for name in self.devices),
            links=tuple(LinkEdge(key, *ends) for key, ends in self.cables.items()),
            sites=tuple(SiteNode(name) for name in self.devices),
        )

    def ends(self) -> dict[str, str]:
        """Return which link each port is an end of."""
        return {port(end, key): f"link:{key}" for key, ends in self.cables.items() for end in ends}


def port(device: str, cable: str) -> str:
    """Return the element of the port at `device` that `cable` leads into."""
    return f"interface:{device}:to-{cable}"
