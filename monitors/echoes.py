"""Ways measured by echoes (ICMP), where nothing better answers.

Of echoes nobody knows how many the far end or a carrier refused on purpose.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang.drivers.icmp import IcmpPinger
from hatang.errors import DriverError, Reason
from monitors.paths import Measured
from monitors.probes.aim import is_local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.protocols import Pinger, PingResult

ECHO_SECONDS: Final = 1.0
"""How long an echo may take: far beyond what a call bears (G.114)."""


@dataclass(frozen=True, slots=True)
class Echoes:
    """A burst of echoes to `address` after `after` seconds."""

    key: str
    address: str
    count: int
    interval_seconds: float
    after: float = 0.0


async def echoes(
    wanted: Sequence[Echoes], *, allow_local: bool = False, pinger: Pinger | None = None
) -> dict[str, Measured]:
    """Return what came back of each burst, by its key; an address of this machine is refused."""
    pace: dict[float, Pinger] = {}

    async def one(burst: Echoes) -> Measured:
        if not allow_local and is_local(burst.address):
            return Measured(0, method="icmp", reason=Reason.REJECTED)
        await asyncio.sleep(burst.after)
        interval = burst.interval_seconds
        own = pinger or pace.setdefault(interval, IcmpPinger(interval_seconds=interval))
        most = burst.count * interval + 2 * ECHO_SECONDS
        try:
            async with asyncio.timeout(most):
                found = await own.ping(
                    [burst.address], count=burst.count, timeout_seconds=ECHO_SECONDS
                )
        except TimeoutError:
            return Measured(0, method="icmp", reason=Reason.TIMEOUT)
        except DriverError as error:
            return Measured(0, method="icmp", reason=error.reason)
        return _echoed(found[burst.address])

    found = await asyncio.gather(*map(one, wanted))
    return {burst.key: result for burst, result in zip(wanted, found, strict=True)}


def _echoed(found: PingResult) -> Measured:
    reason = "" if found.received else "nothing comes back"
    return Measured(
        found.sent,
        found.received,
        found.rtt_seconds,
        rtt_maximum_seconds=found.rtt_max_seconds,
        jitter_forward_seconds=found.jitter_seconds,
        longest_gap_seconds=None,
        method="icmp",
        reason=reason,
    )
