"""Changes as they stand once their devices have computed the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import blobs
from hatang.auth import Actor, Grant, Role
from playbooks import changes, vault
from playbooks.changes.gatejobs import measure_wave, pass_gate
from playbooks.changes.jobs import push_device, restore_device
from playbooks.changes.planning import plan_hash
from playbooks.changes.push import hash_diff
from playbooks.changes.shaping import shape
from playbooks.choices import ChangeState
from playbooks.models import Change, ChangeTarget
from playbooks.runs.jobs import run_playbook
from tests.playbooks.records import collected

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

JOBS = (
    push_device,
    restore_device,
    measure_wave,
    pass_gate,
    run_playbook,
)  # importing them registers them, as the processes do
RUNNING = "hostname old\nline\n"
DIFF = "-hostname old\n+hostname new"


AT_ONCE = changes.Rollout(is_gated=False)


class OneDevice:
    """A change of one device, as the database tells of it now."""

    database: Database
    number: int

    @property
    def target(self) -> ChangeTarget:
        with self.database.read() as session:
            found = select(ChangeTarget).where(ChangeTarget.change_id == self.number)
            return session.scalars(found).one()

    @property
    def state(self) -> str:
        with self.database.read() as session:
            return session.get_one(Change, self.number).state


def planned(
    database: Database, actor: Actor, *devices: Access, rollout: changes.Rollout = AT_ONCE
) -> int:
    """Return a change of `actor` over `devices` that was planned."""
    with database.write() as session:
        texts = {device.name: "hostname new" for device in devices}
        draft = changes.Draft("T", "why", texts, rollout=rollout)
        number = changes.create(session, actor, draft)
        change = session.get_one(Change, number)
        known = {device.device_id: device for device in devices}
        found = select(ChangeTarget).where(ChangeTarget.change_id == number)
        for target in session.scalars(found).all():
            access = known[target.device_id]
            system = Actor.system("planning")
            version, _ = vault.store(session, system, access, collected(RUNNING), source="x")
            target.before_version_id = version
            target.diff = blobs.put(session, DIFF.encode())
            target.diff_sha256 = hash_diff(DIFF)
        shape(session, number).write(session, change)
        session.flush()
        change.plan_sha256 = plan_hash(session, change)
        change.state = ChangeState.PLANNED
    return number


def approved(
    database: Database,
    actor: Actor,
    approver: Actor,
    *devices: Access,
    rollout: changes.Rollout = AT_ONCE,
) -> int:
    """Return a change that was approved by `approver`."""
    number = planned(database, actor, *devices, rollout=rollout)
    with database.write() as session:
        changes.submit(session, actor, number)
        digest = session.get_one(Change, number).plan_sha256 or ""
        changes.decide(session, approver, number, digest, approve=True)
    return number


def person(number: int, **roles: int | None) -> Actor:
    """Return somebody with `roles`, each in its own scope; None is the province."""
    grants = frozenset(Grant(Role(role), scope_id) for role, scope_id in roles.items())
    named = frozenset(grant.role for grant in grants)
    return Actor(number, f"p{number}", named, frozenset(), grants)
