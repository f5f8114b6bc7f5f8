"""The durable job that pushes one device of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from hatang import audit, blobs, clock, events
from hatang.auth import Actor
from hatang.db.equipment import equipment
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.jobs import JobContext, Queue, Scalars, job
from hatang.sealing import MasterKey
from inventory import service as inventory
from playbooks.access import Access, open_driver, prepare
from playbooks.changes.push import Order, Outcome, push
from playbooks.changes.release import PUSH_JOB
from playbooks.choices import ChangeState, ConfigKind, TargetState
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.vault import Collected, store

if TYPE_CHECKING:
    from hatang.db import AnySession, Database, WriteSession

OPEN: Final = (TargetState.PLANNED, TargetState.APPLYING)
GOOD: Final = frozenset({TargetState.CONFIRMED, TargetState.UNCHANGED})


@job(PUSH_JOB, queue=Queue.DEVICE)
def push_device(context: JobContext, args: Scalars) -> Scalars:
    """Push one target; after a crash the step looks at the device before it acts again."""
    target_id = int(args["target_id"] or 0)
    state = context.step("push", lambda: _push(context.db, target_id))
    return {"state": state}


def _push(db: Database, target_id: int) -> str:
    with db.write() as session:
        target = session.get_one(ChangeTarget, target_id)
        if target.state not in OPEN:
            return target.state
        target.started_at = target.started_at or clock.now()
        target.state = TargetState.APPLYING
        commit_id = target.commit_id
        access, order = _order(session, target)
    host_keys = StoredHostKeys(db)

    def identify(text: str) -> str:
        with db.read() as session:
            key = equipment(session, MasterKey)
        return key.address(access.platform.without_volatile(text).encode())

    outcome = push(order, lambda: open_driver(access, host_keys, commit_id), identify)
    with db.write() as session:
        _conclude(session, target_id, access, outcome)
    return outcome.state


def _order(session: AnySession, target: ChangeTarget) -> tuple[Access, Order]:
    change = session.get_one(Change, target.change_id)
    before = session.get_one(ConfigVersion, target.before_version_id)
    device = inventory.get_device(session, Actor.system("push"), target.device_id)
    order = Order(
        rendered=blobs.get(session, target.rendered).decode(),
        diff_sha256=target.diff_sha256 or "",
        before_identity=before.identity,
        revert_seconds=change.revert_seconds,
        started_at=target.started_at or clock.now(),
    )
    return prepare(session, device), order


def _conclude(session: WriteSession, target_id: int, access: Access, outcome: Outcome) -> None:
    actor = Actor.system("push")
    target = session.get_one(ChangeTarget, target_id)
    target.state = outcome.state
    target.reason = outcome.reason
    target.detail = outcome.detail
    target.finished_at = clock.now()
    source = f"change/{target.change_id}"
    if outcome.text is not None:
        command = access.platform.commands.running_config or ""
        collected = Collected(outcome.text, ConfigKind.RUNNING, "napalm", command, clock.now())
        target.after_version_id, _ = store(session, actor, access, collected, source=source)
    detail = {"device": access.name, "state": outcome.state, "reason": outcome.reason}
    audit.record(session, actor, "change.push", source, detail)
    session.flush()
    _finish(session, target.change_id)


def _finish(session: WriteSession, change_id: int) -> None:
    statement = select(ChangeTarget.state).where(ChangeTarget.change_id == change_id)
    states = {TargetState(state) for state in session.scalars(statement)}
    if states & set(OPEN):
        return
    running = update(Change).where(Change.id == change_id, Change.state == ChangeState.RUNNING)
    state = verdict(states)
    finished = running.values(state=state, finished_at=clock.now()).returning(Change.id)
    if session.scalar(finished) is not None:
        payload = {"change": change_id, "state": state}
        events.publish(session, "playbooks.change-finished", f"change/{change_id}", payload)


def verdict(states: set[TargetState]) -> ChangeState:
    """Return how a change ended from how its devices did; anything unclear is a failure."""
    if states <= GOOD:
        return ChangeState.DONE
    if states <= {TargetState.REVERTED, TargetState.REJECTED, TargetState.UNCHANGED}:
        return ChangeState.ROLLED_BACK
    return ChangeState.FAILED
