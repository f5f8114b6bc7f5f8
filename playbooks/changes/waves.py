"""Carries a running change from wave to wave; every move is one transaction on its locked row.

A wave is measured, pushed, left to soak and measured again. What got worse takes the wave back;
what nobody can tell, and any device that did not end well, stops the change before the next wave,
and a person decides. Nothing here touches a device or the network: jobs do, and report back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from alerts import maintenance
from alerts.service import MaintenanceRequest, create_maintenance
from hatang import clock, events, jobs
from hatang.auth import Actor
from hatang.errors import ConflictError, Reason
from inventory.models import Device
from playbooks.changes import windows
from playbooks.changes.ending import (
    GOOD,
    OPEN,
    UNDER_WAY,
    push_key,
    restore_key,
    stop,
    verdict,
)
from playbooks.changes.lines import tell
from playbooks.choices import ChangeState, Phase, TargetState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hatang.db import WriteSession

PUSH_JOB: Final = "playbooks.push"
RESTORE_JOB: Final = "playbooks.restore"
MEASURE_JOB: Final = "playbooks.measure"
GATE_JOB: Final = "playbooks.gate"
# Beyond the devices' timer: until the last device's job had its turn. The wave's end ends it.
QUIET_SPARE: Final = timedelta(minutes=10)
# A gate's job is asked for so long before the soak ends; it waits the rest itself.
SOAK_AHEAD: Final = timedelta(seconds=130)


def begin_next(session: WriteSession, change: Change) -> list[str]:
    """Begin the first wave with a device that had no turn, or end the change.

    Returns the keys of the pushes that were asked for; none while the wave is measured first.
    """
    wave = session.scalar(
        select(func.min(ChangeTarget.wave)).where(
            ChangeTarget.change_id == change.id, ChangeTarget.state == TargetState.PLANNED
        )
    )
    if wave is None:
        _close(session, change)
        return []
    targets = _targets(session, change, wave)
    ids = [target.device_id for target in targets]
    try:
        windows.require_open(session, change, ids)
    except ConflictError as error:
        pause(session, change, error.message)
        return []
    change.wave = wave
    _announce(session, change, ids)
    tell(session, change.id, "wave-begun", f"wave {wave} of {change.waves}: {len(ids)} devices")
    if not change.is_gated:
        return request_pushes(session, change)
    change.phase = Phase.MEASURING
    _request(session, change, MEASURE_JOB, "before")
    return []


def request_pushes(session: WriteSession, change: Change) -> list[str]:
    """Ask for a job for each device of the wave that had no turn; returns the jobs' keys."""
    change.phase = Phase.PUSHING
    if change.is_paused:
        return []
    keys = []
    for target in _targets(session, change, change.wave):
        if target.state != TargetState.PLANNED or target.requested_at is not None:
            continue
        target.attempt += 1
        target.requested_at = clock.now()
        keys.append(push_key(change.id, target.device_id, target.attempt))
        args = {"target_id": target.id, "attempt": target.attempt}
        device = f"device/{target.device_id}"
        jobs.request(session, PUSH_JOB, args, key=keys[-1], partition=device)
    session.flush()
    return keys


def advance(session: WriteSession, change_id: int) -> None:
    """Go on once none of the wave's devices is under way; call it whenever one has ended."""
    change = session.get(Change, change_id, with_for_update=True)
    if change is None or change.state != ChangeState.RUNNING:
        return
    session.flush()
    # Not the targets themselves: each of hundreds would load all of them at its end.
    of_wave = ChangeTarget.change_id == change_id, ChangeTarget.wave == change.wave
    states = set(session.scalars(select(ChangeTarget.state).where(*of_wave).distinct()))
    if states & set(UNDER_WAY):
        return
    if change.phase == Phase.REVERTING:
        _reverted(session, change)
    elif change.phase == Phase.PUSHING:
        _pushed(session, change, states)
    elif change.phase == Phase.MEASURING:  # cancelled before anything began
        begin_next(session, change)


def _pushed(session: WriteSession, change: Change, states: Collection[str]) -> None:
    has_changed = TargetState.CONFIRMED in states
    if has_changed and (change.is_gated or change.soak_seconds):
        change.phase = Phase.SOAKING
        change.soak_until = clock.now() + timedelta(seconds=change.soak_seconds)
        if change.soak_seconds:
            tell(session, change.id, "soaking", f"{change.soak_seconds} s")
        ask_gate(session, change)
    else:
        go_on(session, change)


def ask_gate(session: WriteSession, change: Change) -> None:
    """Ask for the gate's job when the soak is nearly over; safe to call again."""
    if change.soak_until is not None and change.soak_until - clock.now() <= SOAK_AHEAD:
        _request(session, change, GATE_JOB, "after")


def go_on(session: WriteSession, change: Change) -> None:
    """Begin the next wave, unless a device of this one did not end well or a person paused it."""
    change.phase = ""
    maintenance.end(session, f"change/{change.id}", clock.now())
    targets = _targets(session, change, change.wave)
    bad = [target for target in targets if target.state not in GOOD]
    is_more = _has_waiting(session, change)
    if is_more and bad and not change.is_paused:
        names = _names(session, [target.device_id for target in bad])
        pause(session, change, f"wave {change.wave}: not done on {', '.join(names)}")
    if not (is_more and change.is_paused):
        begin_next(session, change)


def pause(session: WriteSession, change: Change, reason: str) -> None:
    """Let nothing new begin until a person resumes; says why."""
    change.is_paused, change.pause_reason = True, reason
    tell(session, change.id, "paused", reason)


def take_back(session: WriteSession, change: Change, wave: int, reason: str) -> list[str]:
    """Ask for a job for each device of `wave` that holds the change, to give it its old one back.

    A device of which nobody knows what it holds is left alone and listed.
    """
    change.wave, change.phase = wave, Phase.REVERTING
    keys = []
    for target in _targets(session, change, wave):
        if target.state != TargetState.CONFIRMED:
            continue
        target.state = TargetState.REVERTING
        target.attempt += 1
        target.armed_at = target.armed_identity = target.started_at = None
        target.commit_id = f"hatang-{change.id}-{target.id}-{target.attempt}-back"
        keys.append(restore_key(change.id, target.device_id, target.attempt))
        args = {"target_id": target.id, "attempt": target.attempt}
        device = f"device/{target.device_id}"
        jobs.request(session, RESTORE_JOB, args, key=keys[-1], partition=device)
    session.flush()
    tell(session, change.id, "reverting", f"wave {wave}, {len(keys)} devices: {reason}")
    return keys


def _reverted(session: WriteSession, change: Change) -> None:
    """A wave was taken back: go on with the one before it, or wait for a person, or end."""
    tell(session, change.id, "reverted", f"wave {change.wave}")
    targets = _targets(session, change, change.wave)
    holding = [one.device_id for one in targets if one.state == TargetState.CONFIRMED]
    if change.is_rolling_back and not holding:
        earlier = session.scalar(
            select(func.max(ChangeTarget.wave)).where(
                ChangeTarget.change_id == change.id, ChangeTarget.state == TargetState.CONFIRMED
            )
        )
        if earlier is not None:
            take_back(session, change, earlier, "the change is rolled back")
            return
    change.phase = ""
    maintenance.end(session, f"change/{change.id}", clock.now())
    if holding:
        change.is_rolling_back = False
        names = ", ".join(_names(session, holding))
        pause(session, change, f"wave {change.wave}: not taken back on {names}")
    elif _has_waiting(session, change):
        pause(session, change, change.pause_reason or f"wave {change.wave} was taken back")
    else:
        _close(session, change)


def _close(session: WriteSession, change: Change) -> None:
    statement = select(ChangeTarget.state).where(ChangeTarget.change_id == change.id)
    states = {TargetState(state) for state in session.scalars(statement)}
    if states & set(UNDER_WAY):
        return
    change.state = verdict(states)
    end(change)
    maintenance.end(session, f"change/{change.id}", clock.now())
    tell(session, change.id, "finished", change.state)
    payload = {"change": change.id, "state": change.state}
    events.publish(session, "playbooks.change-finished", f"change/{change.id}", payload)


def end(change: Change) -> None:
    """Write down that the change is over, and when."""
    change.phase, change.finished_at = "", clock.now()
    change.is_paused = change.is_rolling_back = False


def cancel_waiting(session: WriteSession, change: Change, detail: str) -> list[ChangeTarget]:
    """End the devices that nobody began; returns them, whose jobs need cancelling."""
    waiting = select(ChangeTarget).where(
        ChangeTarget.change_id == change.id, ChangeTarget.state == TargetState.PLANNED
    )
    found = list(session.scalars(waiting.with_for_update()).all())
    for target in found:
        stop(target, TargetState.CANCELLED, Reason.CANCELLED, detail)
    session.flush()
    return found


def _request(session: WriteSession, change: Change, job: str, moment: str) -> None:
    key = f"change/{change.id}/wave/{change.wave}/round-{change.round}/{moment}"
    args = {"change_id": change.id, "wave": change.wave, "round": change.round}
    jobs.request(session, job, args, key=key)


def phase_key(change: Change) -> str:
    """Return the key of the job that the change waits for while it measures or soaks."""
    moment = "before" if change.phase == Phase.MEASURING else "after"
    return f"change/{change.id}/wave/{change.wave}/round-{change.round}/{moment}"


def _announce(session: WriteSession, change: Change, device_ids: Sequence[int]) -> None:
    """Withhold pages for the wave's own devices while it runs, and for no longer."""
    keys = session.scalars(select(Device.device_key).where(Device.id.in_(device_ids)))
    start = clock.now()
    length = timedelta(seconds=change.revert_seconds + change.soak_seconds)
    wanted = MaintenanceRequest(
        elements=tuple(f"device:{key}" for key in keys),
        starts_at=start,
        ends_at=start + length + QUIET_SPARE,
        reason=f"change {change.id}: {change.title}, wave {change.wave}",
        source=f"change/{change.id}",
    )
    create_maintenance(session, Actor.system("change"), wanted)


def _targets(session: WriteSession, change: Change, wave: int) -> list[ChangeTarget]:
    statement = (
        select(ChangeTarget)
        .where(ChangeTarget.change_id == change.id, ChangeTarget.wave == wave)
        .order_by(ChangeTarget.id)
    )
    return list(session.scalars(statement))


def _has_waiting(session: WriteSession, change: Change) -> bool:
    waiting = select(ChangeTarget.id).where(
        ChangeTarget.change_id == change.id, ChangeTarget.state.in_(OPEN)
    )
    return session.scalar(waiting.limit(1)) is not None


def _names(session: WriteSession, ids: Collection[int]) -> list[str]:
    names = select(Device.name).where(Device.id.in_(ids)).order_by(Device.name).limit(5)
    return list(session.scalars(names))
