"""Arista's eAPI over TLS that proves the switch first.

pyeapi's own HTTPS connection makes an unverified TLS context unless it is told otherwise, and
NAPALM does not tell it. This class takes its place as NAPALM's `transport`; it has no unverified
path at all.
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pyeapi.eapilib import ConnectionError as EapiConnectionError
from pyeapi.eapilib import EapiConnection

from hatang.drivers.byways import as_socket
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    import ssl

    from hatang.drivers.byways import Opens
    from hatang.drivers.tls import TlsTrust

EAPI_PORT: Final = 443
# The reason phrase of status 401 (RFC 9110 section 15.5.2), which pyeapi puts first.
_UNAUTHORIZED: Final = "Unauthorized"


class VerifiedEapiConnection(EapiConnection):  # type: ignore[misc]  # pyeapi ships no types
    """An eAPI connection over HTTPS; only the subclasses `verified` makes have a `trust`.

    NAPALM chooses its arguments by the names in this signature.
    """

    trust: ClassVar[TlsTrust | None] = None
    way: ClassVar[tuple[Opens, ...]] = ()

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
        kind = _tunnelled(self.way[0]) if self.way else http.client.HTTPSConnection
        self.transport = kind(host, port, timeout=timeout, context=self.trust.context())
        self.authentication(username, password)

    def send(self, data: str) -> Any:
        """Send one request; pyeapi tells a refused password by its text alone.

        Raises:
            DriverError: AUTH_FAILED, when the switch answers 401.
        """
        try:
            return super().send(data)
        except EapiConnectionError as error:
            if str(error.message).startswith(_UNAUTHORIZED):
                message = "the switch refuses the user or the password"
                raise DriverError(message, Reason.AUTH_FAILED) from error
            raise


def verified(trust: TlsTrust, opens: Opens | None = None) -> type[VerifiedEapiConnection]:
    """Return the connection class whose server proves itself by `trust`, through a tunnel."""
    way = () if opens is None else (opens,)
    return type("PinnedEapiConnection", (VerifiedEapiConnection,), {"trust": trust, "way": way})


def _tunnelled(opens: Opens) -> type[http.client.HTTPSConnection]:
    class Tunnelled(http.client.HTTPSConnection):
        _context: ssl.SSLContext

        def connect(self) -> None:
            """Speak TLS with the switch itself, behind the jump host."""
            near = as_socket(opens())
            near.settimeout(self.timeout)
            self.sock = self._context.wrap_socket(near, server_hostname=self.host)

    return Tunnelled
