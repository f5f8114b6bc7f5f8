"""The one wrapper around every probe: timed, counted, classified, bounded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.terminal import one_line
from hatang.errors import Reason
from hatang.operations import classify, observe
from monitors.choices import Cause
from monitors.probes.aim import Aim, take
from monitors.probes.registry import PROBES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.probes.result import Answer, Means, Probe
    from monitors.targets import ServiceTarget


ROUNDS: Final = 3
"""How many times the timeout of one answer a whole probe may take: most ask more than once."""


# These say something about the probing side, and nothing about the service.
_IN_VAIN: Final = frozenset(
    {
        Reason.INTERNAL,
        Reason.NOT_SUPPORTED,
        Reason.LEGACY_ONLY,
        Reason.CANCELLED,
        Reason.BUSY,
        Reason.OK,
    }
)
CAUSES: Final[Mapping[Reason, Cause]] = {
    reason: Cause(str(reason)) for reason in Reason if reason not in _IN_VAIN
}
"""Which cause a failure is; a reason that is not here says nothing about the service."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How one probe ended; `answer` values are empty unless `reason` is OK."""

    reason: Reason
    seconds: float
    cause: Cause = Cause.ANSWERED
    values: dict[str, float] = field(default_factory=dict)
    detail: str = ""


async def run(
    target: ServiceTarget, means: Means, *, timeout_seconds: float = 5.0, allow_local: bool = False
) -> ProbeResult:
    """Probe `target` once; never raises but for cancellation, for one probe spoils no other."""
    detail = ""
    answer: Answer | None = None
    try:
        with observe("probe", target.probe) as operation:
            async with asyncio.timeout(timeout_seconds * ROUNDS):
                probe = PROBES[target.probe]
                options = target.options or probe.options()
                aim = await _aim(target, probe, timeout_seconds, allow_local=allow_local)
                answer = await probe.ask(aim, means, options)
    except Exception as error:  # noqa: BLE001 - classified, and said in the result
        operation.reason = classify(error)
        detail = one_line(str(error))[:200] or type(error).__name__
    if answer is None:
        cause = CAUSES.get(operation.reason, Cause.PROBE_FAULT)
        return ProbeResult(operation.reason, operation.seconds, cause, detail=detail)
    return ProbeResult(Reason.OK, operation.seconds, answer.cause, answer.values, answer.detail)


async def _aim(
    target: ServiceTarget, probe: Probe, timeout_seconds: float, *, allow_local: bool
) -> Aim:
    if probe.aims_itself:
        return Aim(target.url, "", "", 0, "/", "", timeout_seconds, allow_local)
    return await take(target.url, timeout_seconds=timeout_seconds, allow_local=allow_local)
