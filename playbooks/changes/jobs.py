"""The durable job that pushes one device of a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from alerts import maintenance
from hatang import audit, blobs, clock, events
from hatang.auth import Actor
from hatang.db.equipment import equipment
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import HatangError
from hatang.jobs import JobContext, Queue, Scalars, job, leases
from hatang.log import get_logger
from hatang.operations import classify
from hatang.sealing import MasterKey
from inventory import service as inventory
from inventory.models import Device
from playbooks.access import Access, open_driver, prepare
from playbooks.changes.bookings import require_clear
from playbooks.changes.push import Order, Outcome, push
from playbooks.changes.release import PUSH_JOB
from playbooks.choices import ChangeState, TargetState
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.vault import as_running, store

if TYPE_CHECKING:
    from hatang.db import AnySession, Database, WriteSession
    from hatang.drivers.napalm import NapalmSession
    from hatang.jobs.leases import Lease

LOG: Final = get_logger(__name__)
OPEN: Final = (TargetState.PLANNED, TargetState.APPLYING)
# Beyond the device's timer: logins over thin lines, before the change and after it.
LEASE_SPARE_SECONDS: Final = 300
GOOD: Final = frozenset({TargetState.CONFIRMED, TargetState.UNCHANGED})


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a push works with; `lease` is the right to write to the device."""

    target_id: int
    access: Access
    order: Order
    commit_id: str
    lease: Lease


@job(PUSH_JOB, queue=Queue.DEVICE)
def push_device(context: JobContext, args: Scalars) -> Scalars:
    """Push one target; after a crash the step looks at the device before it acts again."""
    target_id = int(args["target_id"] or 0)
    state = context.step("push", lambda: _push(context.db, target_id, context.key))
    return {"state": state}


def _push(db: Database, target_id: int, holder: str) -> str:
    with db.read() as session:
        state = session.get_one(ChangeTarget, target_id).state
    if state not in OPEN:
        return state
    try:
        with db.write() as session:
            begun = _begin(session, target_id, holder)
    except HatangError as error:
        outcome = _refused(error, is_first=state == TargetState.PLANNED)
        with db.write() as session:
            _conclude(session, target_id, outcome)
        return outcome.state
    try:
        outcome = _carry_out(db, begun)
    except leases.LeaseLostError:
        raise
    except Exception as error:  # whatever it was, the change must come to an end
        LOG.exception("the push to %s broke", begun.access.name)
        outcome = Outcome(TargetState.UNKNOWN, classify(error), type(error).__name__)
    with db.write() as session:
        # Whoever lost the device has nothing to say of it: another tells what became of it.
        leases.check(session, begun.lease)
        _conclude(session, target_id, outcome, begun.access)
        leases.release(session, begun.lease)
    return outcome.state


def _begin(session: WriteSession, target_id: int, holder: str) -> _Begun:
    """Take the device; a push begun before a crash goes on, whatever is booked by now."""
    target = session.get_one(ChangeTarget, target_id)
    change = session.get_one(Change, target.change_id)
    if target.state == TargetState.PLANNED:
        require_clear(session, [target.device_id], change.revert_seconds)
    seconds = change.revert_seconds + LEASE_SPARE_SECONDS
    lease = leases.acquire(session, f"device/{target.device_id}", holder, seconds)
    is_resumed = target.state == TargetState.APPLYING
    target.started_at = target.started_at or clock.now()
    target.state = TargetState.APPLYING
    access, order = _order(session, target, is_resumed=is_resumed)
    return _Begun(target_id, access, order, target.commit_id, lease)


def _refused(error: HatangError, *, is_first: bool) -> Outcome:
    """Return why a push did not begin; one that a crash cut short left the device in doubt."""
    state = TargetState.FAILED if is_first else TargetState.UNKNOWN
    return Outcome(state, classify(error), error.message)


def _carry_out(db: Database, begun: _Begun) -> Outcome:
    access, host_keys = begun.access, StoredHostKeys(db)

    def identify(text: str) -> str:
        with db.read() as session:
            key = equipment(session, MasterKey)
        return key.address(access.platform.without_volatile(text).encode())

    def hold() -> None:
        with db.write() as session:
            leases.renew(session, begun.lease, begun.order.revert_seconds + LEASE_SPARE_SECONDS)

    def connect() -> NapalmSession:
        return open_driver(access, host_keys, begun.commit_id)

    return push(begun.order, connect, identify, hold=hold)


def _order(session: AnySession, target: ChangeTarget, *, is_resumed: bool) -> tuple[Access, Order]:
    change = session.get_one(Change, target.change_id)
    before = session.get_one(ConfigVersion, target.before_version_id)
    device = inventory.get_device(session, Actor.system("push"), target.device_id)
    order = Order(
        rendered=blobs.get(session, target.rendered).decode(),
        diff_sha256=target.diff_sha256 or "",
        before_identity=before.identity,
        revert_seconds=change.revert_seconds,
        started_at=target.started_at or clock.now(),
        is_resumed=is_resumed,
    )
    return prepare(session, device), order


def _conclude(
    session: WriteSession, target_id: int, outcome: Outcome, access: Access | None = None
) -> None:
    actor = Actor.system("push")
    target = session.get_one(ChangeTarget, target_id)
    target.state = outcome.state
    target.reason = outcome.reason
    target.detail = outcome.detail
    target.finished_at = clock.now()
    source = f"change/{target.change_id}"
    if outcome.text is not None and access is not None:
        collected = as_running(access, outcome.text)
        target.after_version_id, _ = store(session, actor, access, collected, source=source)
    device = session.get_one(Device, target.device_id).name
    detail = {"device": device, "state": outcome.state, "reason": outcome.reason}
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
        maintenance.end(session, f"change/{change_id}", clock.now())
        payload = {"change": change_id, "state": state}
        events.publish(session, "playbooks.change-finished", f"change/{change_id}", payload)


def verdict(states: set[TargetState]) -> ChangeState:
    """Return how a change ended from how its devices did; anything unclear is a failure."""
    if states <= GOOD:
        return ChangeState.DONE
    if states <= {TargetState.REVERTED, TargetState.REJECTED, TargetState.UNCHANGED}:
        return ChangeState.ROLLED_BACK
    return ChangeState.FAILED
