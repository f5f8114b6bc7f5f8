"""How a child shows that it is ready."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path
    from urllib.parse import SplitResult

_TRY_SECONDS: Final = 1.0


class Ready(Protocol):
    """Asks once whether a child is ready; never raises, never takes longer than a second."""

    def __call__(self) -> bool:
        """Return True when the child can be used."""


@dataclass(frozen=True, slots=True)
class PortReady:
    """Ready once something accepts connections at this address."""

    host: str
    port: int

    def __call__(self) -> bool:
        """Try to connect."""
        try:
            with socket.create_connection((self.host, self.port), timeout=_TRY_SECONDS):
                return True
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class HttpReady:
    """Ready once this http or https address answers 2xx (as Prometheus' /-/ready does).

    Nothing secret is sent and nothing believed, so a certificate for another name will do.
    """

    url: str

    def __call__(self) -> bool:
        """Ask once."""
        parts = urlsplit(self.url)
        connection = _connection(parts)
        try:
            connection.request("GET", parts.path or "/")
            return 200 <= connection.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, parts.port or 80, timeout=_TRY_SECONDS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(
        host, parts.port or 443, timeout=_TRY_SECONDS, context=context
    )


@dataclass(frozen=True, slots=True)
class FileReady:
    """Ready once the child wrote this file; the supervisor removes it before each start."""

    path: Path

    def __call__(self) -> bool:
        """Look once."""
        return self.path.exists()
