"""Keeps how devices stand: since when they differ stays until a run finds them in line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import defer

from hatang import clock
from playbooks.choices import DriftEnd, DriftState
from playbooks.models import Drift, IntendedConfiguration, PastDrift

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from hatang.db import WriteSession
    from playbooks.choices import DriftReason

MOST_LINES: Final = 2_000
"""So many lines of one drift are kept; a device that differs in more is looked at as a whole."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison found; `lines` are redacted, `version_id` is what was compared."""

    device_id: int
    version_id: int | None
    state: DriftState
    reason: DriftReason | None = None
    detail: str = ""
    lines: str = ""


def follow(
    session: WriteSession, intended_id: int, set_at: datetime, outcomes: Sequence[Outcome]
) -> list[Outcome]:
    """Keep `outcomes` and return those that counted.

    What was compared with a text that is no longer intended, or with an older configuration than
    another run has compared meanwhile, is left out: the next run sees it.
    """
    row = session.get(IntendedConfiguration, intended_id, with_for_update=True)
    if row is None or row.removed_at is not None or row.set_at != set_at:
        return []
    compared = Drift.device_id.in_([outcome.device_id for outcome in outcomes])
    rows = session.scalars(select(Drift).where(Drift.intended_id == intended_id, compared))
    known = {one.device_id: one for one in rows}
    now = clock.now()
    kept = []
    for outcome in outcomes:
        drift = known.get(outcome.device_id)
        if drift is not None and (drift.version_id or 0) > (outcome.version_id or 0):
            continue
        if drift is None:
            drift = Drift(intended_id=intended_id, device_id=outcome.device_id, state="")
        _move(session, drift, outcome, now)
        session.add(drift)
        kept.append(outcome)
    return kept


def _move(session: WriteSession, drift: Drift, outcome: Outcome, now: datetime) -> None:
    if drift.state != outcome.state:
        drift.state, drift.since = outcome.state, now
    if outcome.state is DriftState.DRIFTED:
        drift.drifted_since = drift.drifted_since or now
    elif outcome.state is DriftState.IN_LINE:
        _end(session, drift, DriftEnd.IN_LINE, now)
    lines = outcome.lines.splitlines(keepends=True)
    drift.reason = outcome.reason or ""
    drift.detail = outcome.detail
    drift.lines, drift.line_count = "".join(lines[:MOST_LINES]), len(lines)
    drift.version_id, drift.checked_at = outcome.version_id, now


def forget(session: WriteSession, intended_id: int, devices: Collection[int] | None = None) -> None:
    """Take away how devices stand to what is not intended for them any more; None: for any."""
    statement = select(Drift).where(Drift.intended_id == intended_id).options(defer(Drift.lines))
    if devices is not None:
        statement = statement.where(Drift.device_id.in_(devices))
    now = clock.now()
    for drift in session.scalars(statement):
        _end(session, drift, DriftEnd.NOT_INTENDED, now)
        session.delete(drift)
    session.flush()


def _end(session: WriteSession, drift: Drift, ending: DriftEnd, now: datetime) -> None:
    if drift.drifted_since is None:
        return
    session.add(
        PastDrift(
            intended_id=drift.intended_id,
            device_id=drift.device_id,
            since=drift.drifted_since,
            ended_at=now,
            ending=ending,
        )
    )
    drift.drifted_since = None
