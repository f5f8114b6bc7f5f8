"""The durable jobs that push one device of a change, and that take it back again."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hatang import audit, blobs, clock, secrets
from hatang.auth import Actor
from hatang.db.equipment import equipment
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.drivers.target import SshLogin
from hatang.errors import ConflictError, HatangError, UnavailableError
from hatang.jobs import JobContext, Queue, Scalars, job, leases
from hatang.log import get_logger
from hatang.operations import classify
from hatang.sealing import MasterKey
from inventory import service as inventory
from inventory.models import Device
from playbooks.access import Access, open_driver, prepare
from playbooks.changes import windows
from playbooks.changes.composing import whole
from playbooks.changes.ending import UNDER_WAY, push_key
from playbooks.changes.lines import tell
from playbooks.changes.masking import masked
from playbooks.changes.push import Order, Outcome, push
from playbooks.changes.removing import require_removable
from playbooks.changes.rotating import credential_of, give
from playbooks.changes.waves import PUSH_JOB, RESTORE_JOB, advance
from playbooks.choices import TargetState
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.pace import USUAL, Pace
from playbooks.vault import Ready, as_running, ready, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from hatang.db import AnySession, Database, WriteSession
    from hatang.drivers.napalm import NapalmSession
    from hatang.jobs.leases import Lease

LOG: Final = get_logger(__name__)
# Beyond the device's timer: logins over thin lines, before the change and after it.
LEASE_SPARE_SECONDS: Final = 300
WRITE_AGAIN_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a push works with; `lease` is the right to write to the device.

    `key` names configurations.
    `proof` is the login that must prove it, where that is another than the device's own.
    """

    target_id: int
    access: Access
    order: Order
    commit_id: str
    lease: Lease
    key: MasterKey
    proof: SshLogin | None = None


@job(PUSH_JOB, queue=Queue.DEVICE)
def push_device(context: JobContext, args: Scalars) -> Scalars:
    """Push one target; after a crash the step looks at the device before it acts again."""
    target_id, attempt = int(args["target_id"] or 0), int(args.get("attempt") or 1)
    pace = Pace.of(context.settings)
    state = context.step("push", lambda: _push(context.db, target_id, attempt, pace))
    return {"state": state}


@job(RESTORE_JOB, queue=Queue.DEVICE)
def restore_device(context: JobContext, args: Scalars) -> Scalars:
    """Give one device the configuration back that it had before the change."""
    target_id, attempt = int(args["target_id"] or 0), int(args.get("attempt") or 1)
    pace = Pace.of(context.settings)
    state = context.step("restore", lambda: _push(context.db, target_id, attempt, pace))
    return {"state": state}


def _push(db: Database, target_id: int, attempt: int = 1, pace: Pace = USUAL) -> str:
    with db.read() as session:
        target = session.get_one(ChangeTarget, target_id)
        state = target.state
        is_first = state != TargetState.APPLYING and target.started_at is None
        if state not in UNDER_WAY or target.attempt > attempt:
            return state
        if state == TargetState.PLANNED and target.requested_at is None:  # paused meanwhile
            return state
        holder = push_key(target.change_id, target.device_id, attempt)
        turn = pace.turn(db, session.get_one(Device, target.device_id).aaa_server, holder)
    with ExitStack() as held:
        try:
            held.enter_context(turn)
            with db.write() as session:
                begun = _begin(session, target_id)
        except HatangError as error:
            outcome = _refused(error, is_first=is_first)
            with db.write() as session:
                _conclude(session, target_id, outcome)
            return outcome.state
        return _pushed(db, begun)


def _pushed(db: Database, begun: _Begun) -> str:
    try:
        outcome = _carry_out(db, begun)
    except leases.LeaseLostError:
        raise
    except Exception as error:  # whatever it was, the change must come to an end
        LOG.exception("the push to %s broke", begun.access.name)
        outcome = Outcome(TargetState.UNKNOWN, classify(error), type(error).__name__)
    said = masked(begun.access.platform, outcome.detail, begun.order.rendered)
    outcome = replace(outcome, detail=said)
    text = outcome.text
    seen = None if text is None else ready(begun.access, as_running(begun.access, text))
    _written(db, partial(_give_back, begun=begun, outcome=outcome, seen=seen))
    return outcome.state


def _give_back(session: WriteSession, begun: _Begun, outcome: Outcome, seen: Ready | None) -> None:
    # Whoever lost the device has nothing to say of it: another tells what became of it.
    leases.check(session, begun.lease)
    _conclude(session, begun.target_id, outcome, begun.access, seen)
    leases.release(session, begun.lease)


def _written(db: Database, write: Callable[[WriteSession], None]) -> None:
    """Write in a transaction of its own; a database that is busy or away is asked again.

    What is on the device waits under its own timer meanwhile: some seconds cost nothing, while
    giving up would leave it in doubt.
    """
    for seconds in (*WRITE_AGAIN_SECONDS, None):
        try:
            with db.write() as session:
                write(session)
        except (OperationalError, UnavailableError):
            if seconds is None:
                raise
            LOG.warning("the database is busy or away; asked again in %s s", seconds)
            time.sleep(seconds)
        else:
            return


def _begin(session: WriteSession, target_id: int) -> _Begun:
    """Take the device; a push begun before a crash goes on, whatever is booked by now.

    Raises:
        ConflictError: somebody cancelled the push before its turn.
    """
    change, target = _locked(session, target_id)
    if target.state not in UNDER_WAY:
        raise ConflictError(f"the push is {target.state}")
    if target.state == TargetState.PLANNED:
        if change.is_paused or target.requested_at is None:
            raise ConflictError("the change was paused before its turn")
        windows.require_open(session, change, [target.device_id])
        require_removable(session, change, target.device_id)
    is_back = target.state == TargetState.REVERTING
    holder = push_key(target.change_id, target.device_id, target.attempt)
    seconds = change.revert_seconds + LEASE_SPARE_SECONDS
    lease = leases.acquire(session, f"device/{target.device_id}", holder, seconds)
    is_resumed = target.state == TargetState.APPLYING or (is_back and bool(target.started_at))
    target.started_at = target.started_at or clock.now()
    if not is_back:
        target.state = TargetState.APPLYING
    make = _way_back if is_back else _order
    access, order = make(session, change, target, is_resumed=is_resumed)
    tell(session, change.id, "restoring" if is_back else "applying", device=access.name)
    proof = None
    if (name := credential_of(change, target.device_id, is_back=is_back)) is not None:
        proof = SshLogin.of(secrets.get(session, name))
        order = replace(order, is_login=True, compared=access.platform.redact)
        if is_back and proof.username != access.login.username:
            # The user of the way back was there all the while; the other goes with it.
            access, proof = replace(access, login=proof), None
            order = replace(order, username=access.login.username)
    key = equipment(session, MasterKey)
    return _Begun(target_id, access, order, target.commit_id, lease, key, proof)


def _locked(session: WriteSession, target_id: int) -> tuple[Change, ChangeTarget]:
    """Return the target and its change, locked in the order in which people lock them."""
    of = select(ChangeTarget.change_id).where(ChangeTarget.id == target_id).scalar_subquery()
    locked = select(Change).where(Change.id == of).with_for_update()
    change = session.scalars(locked).one()
    return change, session.get_one(ChangeTarget, target_id, with_for_update=True)


def _refused(error: HatangError, *, is_first: bool) -> Outcome:
    """Return why a push did not begin; one that a crash cut short left the device in doubt."""
    state = TargetState.FAILED if is_first else TargetState.UNKNOWN
    return Outcome(state, classify(error), error.message)


def _carry_out(db: Database, begun: _Begun) -> Outcome:
    access, host_keys = begun.access, StoredHostKeys(db)

    def identify(text: str) -> str:
        return begun.key.address(access.platform.without_volatile(text).encode())

    def connect() -> NapalmSession:
        return open_driver(access, host_keys, begun.commit_id)

    @contextmanager
    def prove() -> Iterator[NapalmSession]:
        proof = begun.proof or access.login
        with open_driver(replace(access, login=proof), host_keys, begun.commit_id) as proven:
            if proof.username == access.login.username:
                yield proven
                return
            proven.call("pending_commits")  # that the new user may look, the device has shown
            # A commit that waits is its user's: IOS' driver lets no other confirm it.
            with connect() as old:
                yield old

    guard = _Guard(db, begun)
    return push(begun.order, connect, identify, guard, prove=prove if begun.proof else None)


class _Guard:
    """Keeps the device leased for each write, and the arming of its timer written down."""

    def __init__(self, db: Database, begun: _Begun) -> None:
        self._db = db
        self._begun = begun

    def hold(self) -> None:
        """Hold on to the device; raises LeaseLostError when it went to another."""
        _written(self._db, self._renew)

    def arm(self) -> datetime:
        """Write down that the timer is about to be armed, over which configuration."""
        now = clock.now()
        _written(self._db, lambda session: self._arm(session, now))
        return now

    def _arm(self, session: WriteSession, now: datetime) -> None:
        begun = self._begun
        self._renew(session)
        target = session.get_one(ChangeTarget, begun.target_id)
        target.armed_at, target.armed_identity = now, begun.order.before_identity
        what = {"commit_id": begun.commit_id, "before": begun.order.before_identity}
        subject = f"change/{target.change_id}"
        audit.record(session, Actor.system("push"), "change.arm", subject, what)

    def _renew(self, session: WriteSession) -> None:
        seconds = self._begun.order.revert_seconds + LEASE_SPARE_SECONDS
        leases.renew(session, self._begun.lease, seconds)


def _order(
    session: AnySession, change: Change, target: ChangeTarget, *, is_resumed: bool
) -> tuple[Access, Order]:
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
        is_replace=change.is_replace,
    )
    return access, order


def _way_back(
    session: AnySession, change: Change, target: ChangeTarget, *, is_resumed: bool
) -> tuple[Access, Order]:
    """Return the order that restores the version before: only over what the push left there."""
    access, order = _order(session, change, target, is_resumed=is_resumed)
    before = session.get_one(ConfigVersion, target.before_version_id)
    after = session.get_one(ConfigVersion, target.after_version_id)
    is_same = target.armed_identity == after.identity
    return access, replace(
        order,
        rendered=whole(blobs.get(session, before.raw).decode()),
        diff_sha256=None,
        before_identity=after.identity,
        armed_at=target.armed_at if is_same else None,
        is_replace=True,
    )


def _conclude(
    session: WriteSession,
    target_id: int,
    outcome: Outcome,
    access: Access | None = None,
    seen: Ready | None = None,
) -> None:
    actor = Actor.system("push")
    change, target = _locked(session, target_id)
    if target.state not in UNDER_WAY:  # cancelled while its turn came
        return
    if target.state == TargetState.PLANNED and target.requested_at is None:  # paused meanwhile
        return
    is_back = target.state == TargetState.REVERTING
    if is_back:
        outcome = _taken_back(outcome)
    target.state = outcome.state
    target.reason = outcome.reason
    target.detail = outcome.detail
    target.finished_at = clock.now()
    source = f"change/{target.change_id}"
    if seen is not None and access is not None:
        target.after_version_id, _ = store(session, actor, access, seen, source=source)
    named = select(Device.name).where(Device.id == target.device_id)
    device = access.name if access is not None else session.scalars(named).one()
    proven = (TargetState.REVERTED,) if is_back else (TargetState.CONFIRMED, TargetState.UNCHANGED)
    name = credential_of(change, target.device_id, is_back=is_back)
    if name is not None and target.state in proven:
        give(session, target.device_id, name)
    detail = {"device": device, "state": outcome.state, "reason": outcome.reason}
    audit.record(session, actor, "change.restore" if is_back else "change.push", source, detail)
    tell(session, target.change_id, outcome.state, outcome.detail, device=device)
    session.flush()
    advance(session, target.change_id)


def _taken_back(outcome: Outcome) -> Outcome:
    """Return what it means for the change how restoring the version before went."""
    if outcome.state in {TargetState.CONFIRMED, TargetState.UNCHANGED}:
        detail = "taken back to the version before"
        return Outcome(TargetState.REVERTED, outcome.reason, detail, outcome.text)
    if outcome.state == TargetState.DRIFT:
        return outcome
    if outcome.state in {TargetState.FAILED, TargetState.REVERTED}:  # it holds the change as before
        detail = f"was not taken back: {outcome.detail}"
        return Outcome(TargetState.CONFIRMED, outcome.reason, detail, outcome.text)
    detail = f"could not be taken back, look at it: {outcome.detail}"
    return Outcome(TargetState.UNKNOWN, outcome.reason, detail, outcome.text)
