"""What a probe is aimed at: an address resolved once, and refused where a probe may not look."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from hatang.drivers.names import look_up
from hatang.errors import DriverError, Reason

DEFAULT_PORTS: Final = {
    "http": 80,
    "https": 443,
    "dns": 53,
    "smtp": 25,
    "smtps": 465,
    "submission": 587,
    "imap": 143,
    "imaps": 993,
    "ntp": 123,
    "ssh": 22,
    "sftp": 22,
    "sip": 5060,
    "snmp": 161,
    "stamp": 862,
    "postgresql": 5432,
    "mysql": 3306,
}


@dataclass(frozen=True, slots=True)
class Aim:
    """A resolved target: `address` is connected to, `host` is the name spoken and proved.

    `allow_local` is whether this machine may be probed.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    address: str
    timeout_seconds: float = 5.0
    allow_local: bool = False

    async def other(self, url: str, family: int = socket.AF_UNSPEC) -> Aim:
        """Return the aim of another address under the same rules; raises DriverError."""
        return await take(
            url,
            timeout_seconds=self.timeout_seconds,
            allow_local=self.allow_local,
            family=family,
        )


async def take(
    url: str,
    *,
    timeout_seconds: float = 5.0,
    allow_local: bool = False,
    family: int = socket.AF_UNSPEC,
) -> Aim:
    """Return the aim of `url`, its name resolved once so that a second answer cannot move it.

    Loopback, link-local, unspecified and this machine's own addresses are refused unless
    `allow_local`: a probe's target comes from data, and must not be a way into the machine that
    probes. `family` asks for IPv4 or IPv6 only.

    Raises:
        DriverError: REJECTED for a malformed or refused target, UNREACHABLE for an unknown name,
            TIMEOUT for one that is not answered.
    """
    scheme, host, port, path = split(url)
    found = await look_up(host, port, timeout_seconds=timeout_seconds, family=family)
    address = found[0]
    if not allow_local and is_local(address):
        raise DriverError(
            f"{url}: {address} is an address of this machine or of no machine",
            Reason.REJECTED,
            fix="Give the service's own address.",
        )
    return Aim(url, scheme, host, port, path, address, timeout_seconds, allow_local)


def is_local(address: str) -> bool:
    """Return whether `address` is one of this machine or of no machine."""
    ip = ipaddress.ip_address(address)
    inner = getattr(ip, "ipv4_mapped", None) or ip
    if inner.is_loopback or inner.is_link_local or inner.is_unspecified or inner.is_multicast:
        return True
    family = socket.AF_INET if inner.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as trial, suppress(OSError):
        trial.bind((str(inner), 0))  # only an address of one's own can be bound
        return True
    return False


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
