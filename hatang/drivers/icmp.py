"""Echo requests to many addresses at once, over one shared socket of each family."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from hatang.drivers.echo import Batch, EchoSocket
from hatang.drivers.protocols import PingResult
from hatang.errors import DriverError, InvalidInputError, Problem, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INTERVAL_SECONDS: Final = 0.2
IDLE_SECONDS: Final = 1.0
"""For how long a socket stays open when nobody waits for a reply any more."""


@dataclass(slots=True)
class IcmpPinger:
    """Fills the Protocol Pinger; raw sockets where the process may, ping sockets elsewhere.

    A socket lives as long as somebody waits for a reply, and a second more.
    """

    interval_seconds: float = INTERVAL_SECONDS
    _sockets: dict[socket.AddressFamily, EchoSocket] = field(default_factory=dict)

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        """Ping each address `count` times, waiting `timeout_seconds` for each reply.

        An ICMP error about a request ends the wait for it: it is lost. An address that nothing
        can be sent to has `sent` 0.

        Raises:
            InvalidInputError: some of `addresses` are no IP addresses (names are never resolved).
            DriverError: NOT_SUPPORTED when the process may open no ICMP socket at all.
        """
        families = _families(list(dict.fromkeys(addresses)))
        if not families:
            return {}
        with observe("driver", "icmp.ping"):
            asked = [
                self._ask(family, group, count, timeout_seconds)
                for family, group in families.items()
            ]
            parts = [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)
        found = {address: result for part in parts for address, result in part.items()}
        return {address: found[address] for address in dict.fromkeys(addresses)}

    async def _ask(
        self, family: socket.AddressFamily, group: dict[str, str], count: int, timeout: float
    ) -> dict[str, PingResult]:
        """Return the results by the address as it was given; `group` gives its canonical form."""
        canonical = list(dict.fromkeys(group.values()))
        finished = asyncio.get_running_loop().create_future()
        batch = Batch(count * len(canonical), timeout, finished)
        with self._shared(family) as shared:
            if shared is not None:
                try:
                    await self._rounds(shared, canonical, batch, count)
                finally:
                    shared.forget(batch)
        return {given: _result(given, batch, text) for given, text in group.items()}

    async def _rounds(
        self, shared: EchoSocket, addresses: list[str], batch: Batch, count: int
    ) -> None:
        for number in range(count):
            if number:
                await asyncio.sleep(self.interval_seconds)
            shared.ask(addresses, batch)
        await batch.over()

    @contextmanager
    def _shared(self, family: socket.AddressFamily) -> Iterator[EchoSocket | None]:
        """Yield the socket of `family`, None where the host does not have the family."""
        found = self._sockets.get(family)
        if found is None or found.loop is not asyncio.get_running_loop():
            try:
                found = self._sockets[family] = EchoSocket(family)
            except PermissionError as error:
                raise DriverError(
                    "this process may not send ICMP echo requests",
                    Reason.NOT_SUPPORTED,
                    fix="Grant CAP_NET_RAW to the monitor, or widen net.ipv4.ping_group_range.",
                ) from error
            except OSError:
                yield None
                return
        found.users += 1
        try:
            yield found
        finally:
            found.users -= 1
            if not found.users:
                found.loop.call_later(IDLE_SECONDS, self._let_go, family, found)

    def _let_go(self, family: socket.AddressFamily, found: EchoSocket) -> None:
        if not found.users and self._sockets.get(family) is found:
            found.close()
            del self._sockets[family]


def _families(addresses: list[str]) -> dict[socket.AddressFamily, dict[str, str]]:
    """Return the canonical form of each address, by family; raises InvalidInputError."""
    problems = []
    found: dict[socket.AddressFamily, dict[str, str]] = {}
    for address in addresses:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            fix = "Give an IPv4 or IPv6 address."
            problems.append(Problem("ping", "address", address, "is no IP address", fix))
        else:
            family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
            found.setdefault(family, {})[address] = str(ip)
    if problems:
        raise InvalidInputError(problems)
    return found


def _result(given: str, batch: Batch, address: str) -> PingResult:
    sent, rtts = batch.sent.get(address, 0), batch.rtts.get(address, [])
    if not rtts:
        return PingResult(given, sent, 0, None)
    steps = [abs(later - earlier) for earlier, later in pairwise(rtts)]
    return PingResult(
        given,
        sent,
        len(rtts),
        sum(rtts) / len(rtts),
        min(rtts),
        max(rtts),
        sum(steps) / len(steps) if steps else None,
    )
