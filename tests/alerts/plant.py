"""A physical province: cables, what is broken, and what a poller at the roots therefore sees.

Nothing here knows groups, cuts or causes: reachability is a walk over cables that work, so that
correlation is judged by something that shares no line with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts.graph import ElementInfo, Line
from inventory.network import DeviceNode, LinkEdge, Network, ServiceNode, SiteNode

Cables = dict[str, tuple[str, str]]
Services = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass
class Plant:
    """Devices, cables between two of them each, services with the devices one of which they need
    and the services all of which they need, and the set of what is broken now. `carriers` has
    whose circuit a cable is, `fed` the power company of the devices that stand on a UPS (`power:X`
    is broken while its mains are out), `flat` those whose battery is empty then.
    """

    devices: tuple[str, ...]
    roots: frozenset[str]
    cables: Cables
    services: Services = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    carriers: dict[str, str] = field(default_factory=dict)
    fed: dict[str, str] = field(default_factory=dict)
    flat: set[str] = field(default_factory=set)

    @property
    def parts(self) -> list[str]:
        """Everything that can break, as elements."""
        return [*self.polled, *(f"link:{key}" for key in self.cables)]

    @property
    def polled(self) -> list[str]:
        """Everything the monitors look at by itself, as elements."""
        devices = [f"device:{name}" for name in self.devices]
        return devices + [f"service:{name}" for name in self.services]

    def works(self, element: str) -> bool:
        """Whether nothing broke there, and it has power."""
        device = element.removeprefix("device:")
        is_dark = device in self.flat and not self.has_mains(device)
        return element not in self.broken and not is_dark

    def has_mains(self, device: str) -> bool:
        """Whether the mains are there where the device stands."""
        return f"power:{self.fed.get(device)}" not in self.broken

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

    def serves(self, service: str) -> bool:
        """Whether people can use `service`."""
        return self.works(f"service:{service}") and self._is_carried(service)

    def _is_carried(self, service: str) -> bool:
        runs_on, depends_on = self.services[service]
        return bool(self.reached().intersection(runs_on)) and all(map(self.serves, depends_on))

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
        failed = {
            f"service:{name}"
            for name in self.services
            if not self.works(f"service:{name}") and self._is_carried(name)
        }
        return {f"device:{name}" for name in edge} | cut | failed

    def fine(self) -> set[str]:
        """Return the elements that work and are reached, each by itself a reason to tell nobody."""
        served = {f"service:{name}" for name in self.services if self.serves(name)}
        return {f"device:{name}" for name in self.reached()} | served

    def seen(self, element: str) -> dict[str, str]:
        """Return the states a poll of `element` now gives: its own and those of its ports."""
        kind, _, device = element.partition(":")
        if kind == "service":
            return {element: "good" if self.serves(device) else "bad"}
        is_reached = device in self.reached()
        found = {f"device:{device}": "good" if is_reached else "bad"}
        for key, ends in self.cables.items():
            if device not in ends:
                continue
            far = ends[ends[0] == device]
            is_up = self.works(f"link:{key}") and self.works(f"device:{far}")
            state = ("good" if is_up else "bad") if is_reached else "unknown"
            found[port(device, key)] = state
        if device in self.fed:
            lit = "good" if self.has_mains(device) else "bad"
            found[f"ups:{device}"] = lit if is_reached else "unknown"
        return found

    def network(self) -> Network:
        """Return what the inventory knows of it."""
        return Network(
            devices=tuple(DeviceNode(name, name, name in self.roots) for name in self.devices),
            links=tuple(LinkEdge(key, *ends) for key, ends in self.cables.items()),
            services=tuple(ServiceNode(name, *needs) for name, needs in self.services.items()),
            sites=tuple(SiteNode(name) for name in self.devices),
        )

    def lines(self) -> dict[str, Line]:
        """Return the circuit that each leased cable is."""
        return {
            f"link:{key}": Line(f"provider:{carrier}", f"circuit:{key}")
            for key, carrier in self.carriers.items()
        }

    def names(self) -> dict[str, ElementInfo]:
        """Return at which site each device with a UPS stands."""
        return {
            f"device:{name}": ElementInfo(f"device:{name}", "device", name, name)
            for name in self.fed
        }

    def supplies(self) -> dict[str, str]:
        """Return the power company of each site with a UPS."""
        return {name: f"power:{company}" for name, company in self.fed.items() if company}

    def ends(self) -> dict[str, str]:
        """Return which link each port is an end of."""
        return {port(end, key): f"link:{key}" for key, ends in self.cables.items() for end in ends}


def port(device: str, cable: str) -> str:
    """Return the element of the port at `device` that `cable` leads into."""
    return f"interface:{device}:to-{cable}"
