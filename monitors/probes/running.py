"""The one wrapper around every probe: timed, counted, classified, bounded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatang.errors import Reason
from hatang.operations import classify, observe
from monitors.choices import Cause
from monitors.probes.aim import take
from monitors.probes.registry import PROBES

if TYPE_CHECKING:
    from monitors.probes.result import Answer, Means
    from monitors.targets import ServiceTarget


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
            async with asyncio.timeout(timeout_seconds * 3):
                aim = await take(
                    target.url, timeout_seconds=timeout_seconds, allow_local=allow_local
                )
                answer = await PROBES[target.probe](aim, means)
    except Exception as error:  # noqa: BLE001 - classified, and said in the result
        operation.reason = classify(error)
        detail = str(error)[:200] or type(error).__name__
    if answer is None:
        return ProbeResult(operation.reason, operation.seconds, detail=detail)
    return ProbeResult(Reason.OK, operation.seconds, answer.cause, answer.values, answer.detail)
