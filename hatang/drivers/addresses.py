"""Where hatang may be talked into connecting: the guard against server-side request forgery.

A URL or a host from a form is resolved once, judged by its addresses, and the connection goes to
exactly those addresses, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TypeAlias

from hatang.drivers.names import look_up
from hatang.errors import DriverError, Reason

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AddressRule:
    """What may be connected to although it is loopback, link-local or this machine.

    `lab` lifts the rule altogether (the province in a box lives on this machine); `allowed` names
    networks that are fine, such as 127.0.0.1/32 for our own Prometheus.
    """

    lab: bool = False
    allowed: tuple[IPNetwork, ...] = ()

    def refusal(self, address: IPAddress) -> str:
        """Return why `address` is refused, empty when it is not."""
        address = _plain(address)
        if self.lab or any(address in network for network in self.allowed):
            return ""
        for words, applies in (
            ("a loopback address", address.is_loopback),
            ("a link-local address", address.is_link_local),
            ("a multicast address", address.is_multicast),
            ("an unspecified address", address.is_unspecified),
            ("a reserved address", address.is_reserved and not address.is_private),
        ):
            if applies:
                return words
        return "an address of this machine" if is_own(address) else ""


def resolve(host: str, port: int, rule: AddressRule) -> list[str]:
    """Return the addresses of `host` that may be connected to, in the resolver's order.

    One forbidden address among several forbids the name: it is how rebinding looks.

    Raises:
        DriverError: UNREACHABLE when the name has no address, REJECTED when it is forbidden.
    """
    try:
        answers = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DriverError(f"{host}: no such name", Reason.UNREACHABLE) from error
    addresses = list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))
    return _allowed(host, addresses, rule)


async def resolve_beside(host: str, port: int, rule: AddressRule, seconds: float) -> list[str]:
    """Return what `resolve` does, beside the event loop; raises DriverError TIMEOUT as well."""
    return _allowed(host, await look_up(host, port, timeout_seconds=seconds), rule)


def _allowed(host: str, addresses: list[str], rule: AddressRule) -> list[str]:
    for address in addresses:
        why = rule.refusal(ipaddress.ip_address(address))
        if why:
            raise DriverError(
                f"{host}: {address} is {why}",
                Reason.REJECTED,
                fix="Allow the network in the settings if this connection is meant.",
            )
    return addresses


def is_own(address: IPAddress) -> bool:
    """Tell whether this machine has `address`: only then can a socket be bound to it."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
        return True


def _plain(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 form of it stands for."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address
