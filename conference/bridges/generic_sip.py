"""Any bridge with a SIP address and nothing else, as a rented one: does it answer OPTIONS.

Ports are the inventory's; who is in it, and how they are heard, it does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conference.bridges.status import BridgeStatus, Participant
from conference.choices import BridgeState
from hatang.drivers.sip import UdpSipProber
from hatang.errors import DriverError, Reason
from hatang.operations import observe
from monitors.probes.aim import take
from monitors.probes.sip_options import pinned

if TYPE_CHECKING:
    from conference.bridges.protocol import BridgeAccess, OpenClient
    from hatang.drivers.protocols import SipProber

FIELDS: Final = frozenset({"api_latency_seconds", "ports_total", "version"})
SECONDS: Final = 4.0
_OVERLOADED: Final = frozenset({486, 500, 503, 600})
"""RFC 3261, 21: busy, or unable to serve, though alive."""


class GenericSipDriver:
    """Asks a bridge by SIP OPTIONS at the host and port of its address."""

    def __init__(self, prober: SipProber | None = None) -> None:
        self._prober = prober or UdpSipProber()

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return whether it answers, how fast, and what it calls itself."""
        del open_client
        parts = urlsplit(access.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        uri = f"sip:{host}" if parts.port is None else f"sip:{host}:{parts.port}"
        with observe("driver", "generic_sip"):
            aim = await take(uri, timeout_seconds=SECONDS, allow_local=access.allow_local)
            answer = await self._prober.options(pinned(aim), timeout_seconds=SECONDS)
        state = BridgeState.DEGRADED if answer.code in _OVERLOADED else BridgeState.UP
        return BridgeStatus(
            state=state,
            api_latency_seconds=answer.rtt_seconds,
            version=answer.user_agent or None,
            ports_total=access.capacity_ports,
            fields_supported=FIELDS,
            reason="" if state is BridgeState.UP else f"sip_{answer.code}",
        )

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Raise DriverError NOT_SUPPORTED: it does not tell, and who is not told is not absent."""
        del access, open_client
        raise DriverError("the bridge does not tell who is in", Reason.NOT_SUPPORTED)
