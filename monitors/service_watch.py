"""One service under watch: probe, probe again when in doubt, judge, render."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.errors import Reason
from monitors import own_metrics
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.exposition import probe_blocks
from monitors.probes import running
from monitors.state import Evidence, Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.board import Board
    from monitors.exposition import Exposition
    from monitors.probes.result import Means
    from monitors.probes.running import ProbeResult
    from monitors.targets import ServiceTarget

REPROBES: Final = 2
# These say something about the probing side, and nothing about the service.
_IN_VAIN: Final = frozenset(
    {Reason.INTERNAL, Reason.NOT_SUPPORTED, Reason.CANCELLED, Reason.BUSY, Reason.OK}
)
_CAUSES: Final[Mapping[Reason, Cause]] = {
    reason: Cause(str(reason)) for reason in Reason if reason not in _IN_VAIN
}


@dataclass(frozen=True, slots=True)
class ServiceShared:
    """What all watches of services share; times in seconds."""

    board: Board
    exposition: Exposition
    means: Means
    timeout_seconds: float = 5.0
    reprobe_seconds: float = 1.0
    allow_local: bool = False


@dataclass(slots=True)
class ServiceWatch:
    """Probes one service; one probe at a time."""

    target: ServiceTarget
    shared: ServiceShared
    last: ProbeResult | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def element(self) -> Element:
        """Return the service as an element."""
        return Element(ElementKind.SERVICE, self.target.code)

    async def poll(self) -> ProbeResult:
        """Probe now and tell the board and the exposition."""
        async with self._lock:
            result = await self._once()
            for _ in range(REPROBES):
                if not self.shared.board.state(self.element).is_pending:
                    break
                await asyncio.sleep(self.shared.reprobe_seconds)
                result = await self._once()
            self._show(result)
            own_metrics.POLLS.labels("service", result.reason).inc()
            self.last = result
            return result

    def close(self) -> None:
        """Forget the service's series."""
        self.shared.exposition.drop(self.element.key)

    async def _once(self) -> ProbeResult:
        result = await running.run(
            self.target,
            self.shared.means,
            timeout_seconds=self.shared.timeout_seconds,
            allow_local=self.shared.allow_local,
        )
        self.shared.board.observe(self.element, judge(result))
        return result

    def _show(self, result: ProbeResult) -> None:
        values = {
            "probe_success": float(result.reason is Reason.OK),
            "probe_duration_seconds": result.seconds,
            **result.values,
        }
        blocks = probe_blocks(self.target.code, self.target.probe, values)
        self.shared.exposition.put(self.element.key, blocks)


def judge(result: ProbeResult) -> Measurement:
    """Return what a probe says about its service."""
    evidence: Evidence = {"seconds": round(result.seconds, 4)}
    if result.detail:
        evidence["detail"] = result.detail
    if result.reason is Reason.OK:
        state = State.GOOD if result.cause is Cause.ANSWERED else State.DEGRADED
        return Measurement(state, result.cause, clock.now(), evidence)
    cause = _CAUSES.get(result.reason)
    if cause is None:
        return Measurement(State.UNKNOWN, Cause.PROBE_FAULT, clock.now(), evidence)
    return Measurement(State.BAD, cause, clock.now(), evidence)
