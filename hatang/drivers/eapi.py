"""Arista's eAPI over TLS that proves the switch first.

pyeapi's own HTTPS connection makes an unverified TLS context unless it is told otherwise, and
NAPALM does not tell it. This class takes its place as NAPALM's `transport`; it has no unverified
path at all.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, ClassVar, Final

from pyeapi.eapilib import EapiConnection

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from hatang.drivers.tls import TlsTrust

EAPI_PORT: Final = 443


class VerifiedEapiConnection(EapiConnection):  # type: ignore[misc]  # pyeapi ships no types
    """An eAPI connection over HTTPS; only the subclasses `verified` makes have a `trust`.

    NAPALM chooses its arguments by the names in this signature.
    """

    trust: ClassVar[TlsTrust | None] = None

    def __init__(
        self,
        host: str,
        port: int = EAPI_PORT,
        username: str = "",
        password: str = "",
        timeout: float = 60,
    ) -> None:
        super().__init__()
        if self.trust is None:
            raise DriverError("eAPI needs a CA file or a pinned certificate", Reason.NOT_SUPPORTED)
        self.transport = http.client.HTTPSConnection(
            host, port, timeout=timeout, context=self.trust.context()
        )
        self.authentication(username, password)


def verified(trust: TlsTrust) -> type[VerifiedEapiConnection]:
    """Return the connection class whose server proves itself by `trust`."""
    return type("PinnedEapiConnection", (VerifiedEapiConnection,), {"trust": trust})
