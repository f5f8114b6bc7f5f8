"""Why an address gave nothing, and what to do about it: a closed set of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hatang.errors import Reason

NEXT_STEPS: Final = {
    Reason.TIMEOUT: "Turn SNMPv3 on there, and let this machine's address through to it.",
    Reason.UNREACHABLE: "Look for the route and the line to it.",
    Reason.REFUSED: "Turn SNMPv3 on there.",
    Reason.AUTH_FAILED: "Load its user with `hatang credential import`, name it with --credential.",
    Reason.REJECTED: "Correct the credential, then `hatang discovery forget ADDRESS`.",
    Reason.PROTOCOL_ERROR: "Look at its SNMP agent: what it sends is not SNMP.",
    Reason.NOT_SUPPORTED: "Give this process CAP_NET_RAW, or name a credential with --credential.",
    Reason.CANCELLED: "Run it again: somebody stopped the run.",
    Reason.BUSY: "Run it again later.",
    Reason.INTERNAL: "Look into the log: hatang did not foresee this.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that gave nothing; `next_step` is for the person who reads it."""

    address: str
    reason: Reason
    message: str

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return NEXT_STEPS.get(self.reason, NEXT_STEPS[Reason.INTERNAL])
