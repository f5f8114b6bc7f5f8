"""What a run is asked for and how far it may go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Network = IPv4Network | IPv6Network

# RFC 1918, RFC 6598, RFC 4193: without a word from the person a run stays at home.
HOME: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may ask: counts in all, requests a second, credentials a device.

    A network is a /24 (or /64): as a rule what hangs on one site's line.
    """

    addresses: int = 4096
    devices: int = 2000
    depth: int = 16
    per_second: float = 50.0
    per_network_second: float = 10.0
    at_once: int = 32
    tries: int = 3


_USUAL: Final = Limits()
_BOUNDS: Final = {
    "addresses": (1, 65_536),
    "devices": (1, 20_000),
    "depth": (0, 64),
    "per_second": (1, 1000),
    "per_network_second": (1, 1000),
    "at_once": (1, 256),
    "tries": (1, 10),
}


@dataclass(frozen=True, slots=True)
class Order:
    """Where a run begins, and what it keeps to.

    `within` are the networks outside of which nothing is asked, whatever a neighbour says;
    `credentials` are SNMP credentials, tried in this order after those of an address' own place.
    """

    seeds: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def networks(self) -> tuple[Network, ...]:
        """Return the networks the run keeps to: as told, else its prefixes, else private ones."""
        return tuple(ip_network(one) for one in self.within or self.prefixes or HOME)

    def first(self) -> Iterator[str]:
        """Yield the addresses the run begins with, the seeds first."""
        yield from dict.fromkeys(self.seeds)
        for prefix in self.prefixes:
            yield from map(str, ip_network(prefix).hosts())


def checked(order: Order, *, is_lab: bool = False) -> Order:
    """Return `order` if it can be carried out.

    Raises:
        InvalidInputError: with everything wrong at once: no address, host bits, loopback, a
            prefix of more addresses than the limit.
    """
    problems = []
    if not order.seeds and not order.prefixes:
        fix = "Give --seed or --prefix."
        problems.append(Problem("discovery", "seed", "", "is missing", fix))
    problems += [one for seed in order.seeds if (one := _seed_problem(seed, is_lab=is_lab))]
    for name, given in (("prefix", order.prefixes), ("within", order.within)):
        problems += _prefix_problems(name, given, order.limits.addresses if name == "prefix" else 0)
    if problems:
        raise InvalidInputError(problems)
    return order


def may_ask(address: str, networks: Sequence[Network], *, is_lab: bool) -> bool:
    """Return whether a run that keeps to `networks` may ask `address`."""
    found = ip_address(address)
    if found.is_multicast or found.is_unspecified or found.is_link_local:
        return False
    if found.is_loopback and not is_lab:
        return False
    return any(found in network for network in networks)


def network_of(address: str) -> str:
    """Return the network that shares a line with `address`, for pacing."""
    length = 24 if ip_address(address).version == 4 else 64
    return str(ip_network(f"{address}/{length}", strict=False))


def _seed_problem(seed: str, *, is_lab: bool) -> Problem | None:
    try:
        found = ip_address(seed)
    except ValueError:
        fix = "Give an IPv4 or IPv6 address."
        return Problem("discovery", "seed", seed[:80], "is no address", fix)
    if found.is_multicast or found.is_unspecified or (found.is_loopback and not is_lab):
        return Problem("discovery", "seed", seed, "is no device's address", "Give a device's.")
    return None


def _prefix_problems(name: str, given: Sequence[str], limit: int) -> Iterator[Problem]:
    for prefix in given:
        try:
            network = ip_network(prefix)
        except ValueError as error:
            yield Problem("discovery", name, prefix[:80], str(error), "Write it as 10.1.0.0/24.")
            continue
        if limit and network.num_addresses > limit:
            message = f"holds {network.num_addresses} addresses, a run asks at most {limit}"
            yield Problem("discovery", name, prefix, message, "Give smaller prefixes, or a seed.")


def limits_of(words: Sequence[str]) -> Limits:
    """Return the limits with those that `words` (`name=number`) say otherwise.

    Raises:
        InvalidInputError: an unknown name, or a number that is none or outside its bounds.
    """
    found: dict[str, float] = {}
    problems = []
    for word in words:
        name, _, value = word.partition("=")
        low, high = _BOUNDS.get(name, (0, 0))
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = -1
        if not high or not low <= found[name] <= high:
            shown = ", ".join(f"{one}={a}..{b}" for one, (a, b) in _BOUNDS.items())
            fix = f"Write one of: {shown}."
            problems.append(Problem("discovery", "limit", word[:80], "is no such limit", fix))
    if problems:
        raise InvalidInputError(problems)
    whole = {name: type(getattr(_USUAL, name))(value) for name, value in found.items()}
    return replace(_USUAL, **whole)
