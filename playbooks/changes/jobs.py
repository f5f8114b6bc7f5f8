"""The durable job that pushes one device of a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang import audit, blobs, clock
from hatang.auth import Actor
from hatang.db.equipment import equipment
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import ConflictError, HatangError
from hatang.jobs import JobContext, Queue, Scalars, job, leases
from hatang.log import get_logger
from hatang.operations import classify
from hatang.sealing import MasterKey
from inventory import service as inventory
from inventory.models import Device
from playbooks.access import Access, open_driver, prepare
from playbooks.changes.bookings import require_clear
from playbooks.changes.ending import OPEN, finish, push_key
from playbooks.changes.push import Order, Outcome, push
from playbooks.changes.release import PUSH_JOB
from playbooks.choices import TargetState
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.vault import as_running, store

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, Database, WriteSession
    from hatang.drivers.napalm import NapalmSession
    from hatang.jobs.leases import Lease

LOG: Final = get_logger(__name__)
# Beyond the device's timer: logins over thin lines, before the change and after it.
LEASE_SPARE_SECONDS: Final = 300


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
    state = context.step("push", lambda: _push(context.db, target_id))
    return {"state": state}


def _push(db: Database, target_id: int) -> str:
    with db.read() as session:
        state = session.get_one(ChangeTarget, target_id).state
    if state not in OPEN:
        return state
    try:
        with db.write() as session:
            begun = _begin(session, target_id)
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


def _begin(session: WriteSession, target_id: int) -> _Begun:
    """Take the device; a push begun before a crash goes on, whatever is booked by now.

    Raises:
        ConflictError: somebody cancelled the push before its turn.
    """
    target = session.get_one(ChangeTarget, target_id, with_for_update=True)
    if target.state not in OPEN:
        raise ConflictError(f"the push is {target.state}")
    change = session.get_one(Change, target.change_id)
    holder = push_key(target.change_id, target.device_id)
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

    def connect() -> NapalmSession:
        return open_driver(access, host_keys, begun.commit_id)

    return push(begun.order, connect, identify, _Guard(db, begun))


class _Guard:
    """Keeps the device leased for each write, and the arming of its timer written down."""

    def __init__(self, db: Database, begun: _Begun) -> None:
        self._db = db
        self._begun = begun

    def hold(self) -> None:
        """Hold on to the device; raises LeaseLostError when it went to another."""
        with self._db.write() as session:
            self._renew(session)

    def arm(self) -> datetime:
        """Write down that the timer is about to be armed, over which configuration."""
        begun, now = self._begun, clock.now()
        with self._db.write() as session:
            self._renew(session)
            target = session.get_one(ChangeTarget, begun.target_id)
            target.armed_at, target.armed_identity = now, begun.order.before_identity
            what = {"commit_id": begun.commit_id, "before": begun.order.before_identity}
            audit.record(
                session, Actor.system("push"), "change.arm", f"change/{target.change_id}", what
            )
        return now

    def _renew(self, session: WriteSession) -> None:
        seconds = self._begun.order.revert_seconds + LEASE_SPARE_SECONDS
        leases.renew(session, self._begun.lease, seconds)


def _order(session: AnySession, target: ChangeTarget, *, is_resumed: bool) -> tuple[Access, Order]:
    change = session.get_one(Change, target.change_id)
    before = session.get_one(ConfigVersion, target.before_version_id)
    device = inventory.get_device(session, Actor.system("push"), target.device_id)
    access = prepare(session, device)
    is_same = target.armed_identity == before.identity
    order = Order(
        rendered=blobs.get(session, target.rendered).decode(),
        diff_sha256=target.diff_sha256 or "",
        before_identity=before.identity,
        revert_seconds=change.revert_seconds,
        started_at=target.started_at or clock.now(),
        commit_id=target.commit_id,
        username=access.login.username,
        is_resumed=is_resumed,
        armed_at=target.armed_at if is_same else None,
    )
    return access, order


def _conclude(
    session: WriteSession, target_id: int, outcome: Outcome, access: Access | None = None
) -> None:
    actor = Actor.system("push")
    target = session.get_one(ChangeTarget, target_id, with_for_update=True)
    if target.state not in OPEN:  # cancelled while its turn came
        return
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
    finish(session, target.change_id)
