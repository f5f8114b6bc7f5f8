"""The durable jobs that measure around a wave: before it begins, and when it has soaked."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from hatang import audit, clock
from hatang.auth import Actor
from hatang.jobs import JobContext, Scalars, job
from playbooks.changes import health, waves
from playbooks.changes.lines import tell
from playbooks.changes.waves import GATE_JOB, MEASURE_JOB
from playbooks.choices import ChangeState, Moment, Phase
from playbooks.models import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database, WriteSession
    from playbooks.changes.health import Comparison

POLL_SECONDS: Final = 1.0
# A neighbour that a change restarts comes back: worse is what stays worse through so many looks.
RECHECKS: Final = 4
RECHECK_SECONDS: Final = 5.0


@job(MEASURE_JOB)
def measure_wave(context: JobContext, args: Scalars) -> Scalars:
    """Measure around a wave, then let its pushes begin."""
    return context.step("measure", partial(measure, context.db, args))


@job(GATE_JOB)
def pass_gate(context: JobContext, args: Scalars) -> Scalars:
    """Wait until a wave has soaked, measure again, and let the change go on or take it back."""
    return context.step("gate", partial(judge, context.db, args, context.cancelled))


def measure(db: Database, args: Scalars) -> Scalars:
    """Take the snapshot before a wave; nothing begins where the change has moved on."""
    change_id, wave = int(args["change_id"] or 0), int(args["wave"] or 0)
    with db.read() as session:
        if not _is_due(session.get_one(Change, change_id), args, Phase.MEASURING):
            return {"state": "moved on"}
    found = health.measure(db, change_id, wave)
    with db.write() as session:
        change = session.get_one(Change, change_id, with_for_update=True)
        if not _is_due(change, args, Phase.MEASURING):
            return {"state": "moved on"}
        health.keep(session, change, wave, Moment.BEFORE, found)
        seen = health.compare(session, change, wave).measured_before
        tell(session, change_id, "measured", f"{seen} of {len(found)} measured before")
        waves.request_pushes(session, change)
        if not seen and change.waves > 1 and not change.is_paused:
            reason = f"wave {wave}: nothing around it is measured, so no gate can judge the next"
            waves.pause(session, change, reason)
    return {"state": "measured"}


def judge(
    db: Database,
    args: Scalars,
    is_cancelled: Callable[[], bool],
    wait: Callable[[float], None] = time.sleep,
) -> Scalars:
    """Take the snapshot after a wave and decide on it."""
    change_id, wave = int(args["change_id"] or 0), int(args["wave"] or 0)
    while True:
        with db.read() as session:
            change = session.get_one(Change, change_id)
            if is_cancelled() or not _is_due(change, args, Phase.SOAKING):
                return {"state": "moved on"}
            if change.soak_until is None or clock.now() >= change.soak_until:
                is_gated = change.is_gated
                break
        wait(POLL_SECONDS)
    for attempt in range(RECHECKS):
        found = health.measure(db, change_id, wave) if is_gated else []
        with db.write() as session:
            change = session.get_one(Change, change_id, with_for_update=True)
            if not _is_due(change, args, Phase.SOAKING):
                return {"state": "moved on"}
            health.keep(session, change, wave, Moment.AFTER, found)
            seen = health.compare(session, change, wave)
            if not is_gated or not (seen.worse or seen.lost) or attempt == RECHECKS - 1:
                return {"state": _decide(session, change, seen)}
        wait(RECHECK_SECONDS)
    return {"state": "moved on"}


def _decide(session: WriteSession, change: Change, seen: Comparison) -> str:
    wave = change.wave
    if seen.worse:
        reason = f"wave {wave} made worse: {health.told(seen.worse)}"
        detail = {"wave": wave, "worse": [element for element, _ in seen.worse]}
        actor = Actor.system("gate")
        audit.record(session, actor, "change.regression", f"change/{change.id}", detail)
        tell(session, change.id, "worse", health.told(seen.worse))
        change.pause_reason = reason
        waves.take_back(session, change, wave, reason)
        return "worse"
    if seen.lost:
        tell(session, change.id, "lost", health.told(seen.lost))
        reason = f"wave {wave}: nobody can tell of {health.told(seen.lost)}"
        waves.pause(session, change, reason)
        change.phase = ""
        return "lost"
    if seen.is_blind and change.is_gated:
        waves.pause(session, change, f"wave {wave}: what was measured before it is missing")
        change.phase = ""
        return "lost"
    tell(session, change.id, "healthy", f"wave {wave}: {seen.good} as good as before")
    waves.go_on(session, change)
    return "healthy"


def _is_due(change: Change, args: Scalars, phase: Phase) -> bool:
    return (
        change.state == ChangeState.RUNNING
        and change.phase == phase
        and (change.wave, change.round) == (args["wave"], args["round"])
    )
