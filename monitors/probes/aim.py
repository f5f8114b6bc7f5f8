"""What a probe is aimed at: an address resolved once, and refused where a probe may not look."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from hatang.errors import DriverError, Reason

DEFAULT_PORTS: Final = {
    "http": 80,
    "https": 443,
    "dns": 53,
    "smtp": 25,
    "sip": 5060,
    "snmp": 161,
}


@dataclass(frozen=True, slots=True)
class Aim:
    """A resolved target: `address` is connected to, `host` is the name spoken and proved."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    address: str
    timeout_seconds: float = 5.0


async def take(url: str, *, timeout_seconds: float = 5.0, allow_local: bool = False) -> Aim:
    """Return the aim of `url`, its name resolved once so that a second answer cannot move it.

    Loopback, link-local and unspecified addresses are refused unless `allow_local`: a probe's
    target comes from data, and must not be a way into the machine that probes.

    Raises:
        DriverError: REJECTED for a malformed or refused target, UNREACHABLE for an unknown name.
    """
    scheme, host, port, path = split(url)
    address = await _resolve(host, port, timeout_seconds)
    ip = ipaddress.ip_address(address)
    is_local = ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast
    if is_local and not allow_local:
        raise DriverError(
            f"{url}: {address} is an address of this machine or of no machine",
            Reason.REJECTED,
            fix="Give the service's own address.",
        )
    return Aim(url, scheme, host, port, path, address, timeout_seconds)


def split(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of `url`; `sip:` addresses lose their user part.

    Raises:
        DriverError: REJECTED when it names no host or port.
    """
    scheme, _, rest = url.partition(":")
    text = f"sip://{rest}" if scheme in {"sip", "sips"} and not rest.startswith("//") else url
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        host, port = None, 0
    if not host or (not port and scheme != "ping"):
        raise DriverError(
            f"{url!r} is no address a probe can use",
            Reason.REJECTED,
            fix="Write it as scheme://host:port/path.",
        )
    path = parts.path or "/"
    return scheme, host, port, f"{path}?{parts.query}" if parts.query else path


async def _resolve(host: str, port: int, timeout_seconds: float) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_seconds):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise DriverError(f"{host}: the name is not answered", Reason.TIMEOUT) from error
    except (OSError, UnicodeError) as error:
        raise DriverError(f"{host}: no such name", Reason.UNREACHABLE) from error
    return str(found[0][4][0])
