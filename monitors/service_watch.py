"""One service under watch: its probes when due, again when in doubt, judged together, rendered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.errors import Reason
from monitors import own_metrics
from monitors.choices import BROKEN, SEVERITY, Cause, ElementKind, State
from monitors.elements import Element
from monitors.exposition import probe_blocks, service_blocks
from monitors.probes import running
from monitors.probes.running import CAUSES
from monitors.state import ElementState, Evidence, Measurement, Policy, observe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.board import Board
    from monitors.exposition import Exposition
    from monitors.probes.result import Means
    from monitors.probes.running import ProbeResult
    from monitors.targets import ServiceTarget
    from monitors.text import Texts

REPROBES: Final = 2
_EARLY_SECONDS: Final = 1.0  # a round may come a little before its time, as timers do
# Each probe is sure of its own failure; how often the service changes is judged by the board.
_POLICY: Final = Policy(confirm=REPROBES + 1, flap_changes=1_000_000)


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
class Check:
    """One probe of a service between its rounds; `due` is on the monotonic clock."""

    target: ServiceTarget
    due: float = 0.0
    state: ElementState = field(default_factory=ElementState)
    blocks: Texts = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Return whether it was measured, even in vain."""
        return self.state.cause is not Cause.NEVER_MEASURED


class ServiceWatch:
    """Probes one service in as many ways as it has probes; one round at a time."""

    def __init__(self, targets: tuple[ServiceTarget, ...], shared: ServiceShared) -> None:
        self.targets = targets
        self.shared = shared
        self._checks = [Check(target) for target in targets]
        self._lock = asyncio.Lock()

    @property
    def element(self) -> Element:
        """Return the service as an element."""
        return Element(ElementKind.SERVICE, self.targets[0].code)

    async def poll(self) -> None:
        """Make every probe now and tell the board and the exposition."""
        async with self._lock:
            await self._round(self._checks)

    async def tick(self) -> None:
        """Make the probes that are due; what is still fresh of the others is told anew."""
        async with self._lock:
            now = clock.monotonic()
            await self._round([check for check in self._checks if check.due <= now])

    def close(self) -> None:
        """Forget the service's series."""
        self.shared.exposition.drop(self.element.key)

    async def _round(self, checks: list[Check]) -> None:
        await asyncio.gather(*map(self._probe, checks))
        known = [check for check in self._checks if check.is_known]
        if known:
            self.shared.board.observe(self.element, together(known))
        blocks = service_blocks(self.targets[0]) | _merged(self._checks)
        self.shared.exposition.put(self.element.key, blocks)

    async def _probe(self, check: Check) -> None:
        period = check.target.period_seconds or 0.0
        check.due = clock.monotonic() + period - min(_EARLY_SECONDS, period / 10)
        result = await self._once(check)
        for _ in range(REPROBES):
            if not check.state.is_pending:
                break
            await asyncio.sleep(self.shared.reprobe_seconds)
            result = await self._once(check)
        own_metrics.POLLS.labels("service", result.reason).inc()
        measured = judge(result)
        values = {
            "probe_success": float(measured.state in (State.GOOD, State.DEGRADED)),
            "probe_duration_seconds": result.seconds,
            **result.values,
        }
        check.blocks = probe_blocks(check.target, values)

    async def _once(self, check: Check) -> ProbeResult:
        result = await running.run(
            check.target,
            self.shared.means,
            timeout_seconds=self.shared.timeout_seconds,
            allow_local=self.shared.allow_local,
        )
        check.state, _ = observe(self.element, check.state, judge(result), _POLICY)
        return result


def judge(result: ProbeResult) -> Measurement:
    """Return what a probe says about its service."""
    evidence: Evidence = {"seconds": round(result.seconds, 4)}
    if result.detail:
        evidence["detail"] = result.detail
    if result.reason is Reason.OK:
        state = State.GOOD if result.cause is Cause.ANSWERED else State.DEGRADED
        if result.cause in BROKEN:
            state = State.BAD
        return Measurement(state, result.cause, clock.now(), evidence)
    state = State.BAD if result.reason in CAUSES else State.UNKNOWN
    return Measurement(state, result.cause, clock.now(), evidence)


def together(checks: list[Check]) -> Measurement:
    """Return the service as its worst probe sees it; that probe is named in the evidence."""
    worst = max(checks, key=lambda check: SEVERITY.index(check.state.state))
    evidence: Evidence = dict(worst.state.evidence)
    if len(checks) > 1:
        evidence["probe"] = worst.target.name or worst.target.probe
    return Measurement(worst.state.state, worst.state.cause, clock.now(), evidence)


def _merged(checks: Iterable[Check]) -> Texts:
    merged: Texts = {}
    for check in checks:
        for name, lines in check.blocks.items():
            merged[name] = merged.get(name, "") + lines
    return merged
