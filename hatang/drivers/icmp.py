"""Echo requests to many addresses at once (icmplib)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from icmplib import ICMPLibError, SocketPermissionError, async_multiping

from hatang.drivers.protocols import PingResult
from hatang.errors import DriverError, InvalidInputError, Problem, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Sequence

_MILLISECONDS: Final = 1000
_INTERVAL_SECONDS: Final = 0.2


@dataclass(slots=True)
class IcmpPinger:
    """Fills the Protocol Pinger; raw sockets where the process may, ping sockets elsewhere.

    `concurrent` is how many addresses have an open socket at a time.
    """

    concurrent: int = 200
    _privileged: bool | None = None

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        """Ping each address `count` times, waiting `timeout_seconds` for each reply.

        Raises:
            InvalidInputError: some of `addresses` are no IP addresses (names are never resolved).
            DriverError: NOT_SUPPORTED when the process may open no ICMP socket at all.
        """
        unique = list(dict.fromkeys(addresses))
        _refuse_names(unique)
        if not unique:
            return {}
        with observe("driver", "icmp.ping"):
            hosts = await self._multiping(unique, count, timeout_seconds)
            return {
                address: _result(address, host) for address, host in zip(unique, hosts, strict=True)
            }

    async def _multiping(self, addresses: list[str], count: int, timeout: float) -> list[Any]:
        attempts = (True, False) if self._privileged is None else (self._privileged,)
        for privileged in attempts:
            try:
                hosts = await async_multiping(
                    addresses,
                    count=count,
                    interval=_INTERVAL_SECONDS,
                    timeout=timeout,
                    concurrent_tasks=self.concurrent,
                    privileged=privileged,
                )
            except SocketPermissionError:
                continue
            except ICMPLibError as error:
                raise DriverError(f"ping: {error}", Reason.INTERNAL) from error
            self._privileged = privileged
            return list(hosts)
        raise DriverError(
            "this process may not send ICMP echo requests",
            Reason.NOT_SUPPORTED,
            fix="Grant CAP_NET_RAW to the monitor, or widen net.ipv4.ping_group_range.",
        )


def _refuse_names(addresses: list[str]) -> None:
    problems = []
    for address in addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            fix = "Give an IPv4 or IPv6 address."
            problems.append(Problem("ping", "address", address, "is no IP address", fix))
    if problems:
        raise InvalidInputError(problems)


def _result(address: str, host: Any) -> PingResult:
    sent, received = int(host.packets_sent), int(host.packets_received)
    if received == 0:
        return PingResult(address, sent, 0, None)
    return PingResult(
        address,
        sent,
        received,
        host.avg_rtt / _MILLISECONDS,
        host.min_rtt / _MILLISECONDS,
        host.max_rtt / _MILLISECONDS,
        host.jitter / _MILLISECONDS if received > 1 else None,
    )
