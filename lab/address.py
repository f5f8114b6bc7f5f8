"""Where every address of the lab stands inside its prefix.

The plan needs a /16 because its third octet says what an address is: 0 loopbacks, 1 and 2
point-to-point links, 9 the data centre, 11.. the hubs, 21.. the departments, 101.. the communes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.shell import run

if TYPE_CHECKING:
    from collections.abc import Iterable

HOST_INTERFACE = "htlab0"
DEFAULT_PREFIX = "10.250.0.0/16"
LINKS_PER_OCTET = 64


@dataclass(frozen=True)
class Taken:
    """A network this host already uses, and by what."""

    network: IPv4Network
    holder: str


@dataclass(frozen=True)
class AddressPlan:
    """Addresses by meaning; every method is a pure function of the prefix."""

    prefix: IPv4Network

    @property
    def is_loopback(self) -> bool:
        """Whether these are addresses of this machine alone: the lab without root."""
        return self.prefix.is_loopback

    def at(self, third: int, fourth: int) -> IPv4Address:
        """Return the address with these last two octets."""
        return self.prefix.network_address + third * 256 + fourth

    def lan(self, third: int) -> IPv4Network:
        """Return the /24 of a site."""
        return IPv4Network((self.at(third, 0), 24))

    def on_lan(self, third: int, fourth: int) -> IPv4Interface:
        """Return an address together with its /24."""
        return IPv4Interface((self.at(third, fourth), 24))

    def loopback(self, number: int) -> IPv4Interface:
        """Return a router's /32."""
        return IPv4Interface((self.at(0, number), 32))

    def point_to_point(self, index: int) -> tuple[IPv4Interface, IPv4Interface]:
        """Return both ends of the `index`-th routed link (a /30)."""
        first = self.at(1 + index // LINKS_PER_OCTET, 4 * (index % LINKS_PER_OCTET))
        return IPv4Interface((first + 1, 30)), IPv4Interface((first + 2, 30))

    @property
    def gateway(self) -> IPv4Address:
        """The data centre's virtual router address, held by whichever core lives (VRRP)."""
        return self.at(9, 1)

    @property
    def host(self) -> IPv4Interface:
        """This machine's only address inside the province."""
        return self.on_lan(9, 250)


def parse_prefix(text: str) -> AddressPlan:
    """Read `--prefix`.

    Raises:
        LabError: not an IPv4 network, or not a /16.
    """
    try:
        network = IPv4Network(text)
    except ValueError as error:
        raise LabError(f"--prefix {text} is not an IPv4 network ({error}).") from None
    if network.prefixlen != 16:
        raise LabError(f"--prefix {text} must be a /16, for example {DEFAULT_PREFIX}.")
    return AddressPlan(network)


def refuse_overlap(plan: AddressPlan, taken: Iterable[Taken]) -> None:
    """Refuse a prefix that would hide something the host reaches today.

    Raises:
        LabError: one sentence naming the prefix, what it meets, and the cure.
    """
    for other in taken:
        if plan.prefix.overlaps(other.network):
            raise LabError(
                f"The prefix {plan.prefix} overlaps {other.network} ({other.holder}) on this host;"
                f" choose another with --prefix."
            )


def networks_of_host() -> list[Taken]:
    """Return every address and route of this host, the default route apart."""
    found: list[Taken] = []
    for interface in json.loads(run(["ip", "-j", "-4", "address"]) or "[]"):
        for address in interface["addr_info"]:
            network = IPv4Interface(f"{address['local']}/{address['prefixlen']}").network
            found.append(Taken(network, f"an address of {interface['ifname']}"))
    for route in json.loads(run(["ip", "-j", "-4", "route", "show", "table", "all"]) or "[]"):
        if route["dst"] != "default":
            holder = f"a route by {route.get('dev', 'the kernel')}"
            found.append(Taken(IPv4Network(route["dst"], strict=False), holder))
    return found
