"""From intent to a plan: each device itself computes what would change; nothing is changed.

The plan's hash covers exactly what will be done: texts, the devices' differences, the versions
they start from, the waves, the window, who loses what if it goes wrong, and the time after which
an unconfirmed device takes the change back.
"""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import approval, audit, blobs, clock
from hatang.auth import Actor, Permission
from hatang.db import WriteSession
from hatang.errors import (
    ConflictError,
    DriverError,
    InvalidInputError,
    NotFoundError,
    Problem,
    Reason,
)
from inventory import platforms
from inventory import service as inventory
from inventory.choices import Safety
from inventory.models import Device
from playbooks.access import Access, open_driver, prepare
from playbooks.changes import snippets, windows
from playbooks.changes.masking import masked
from playbooks.changes.push import hash_diff
from playbooks.changes.rollout import Rollout
from playbooks.changes.shaping import Shape, shape
from playbooks.changes.windows import ALWAYS, Window
from playbooks.choices import ChangeState, Intent, TargetState
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.pace import USUAL, Pace
from playbooks.vault import Ready, as_running, compared, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from hatang.db import AnySession, Database
    from hatang.drivers.napalm import NapalmSession
    from hatang.drivers.protocols import HostKeys
    from inventory.rows import DeviceRow

    Connect = Callable[[Access], AbstractContextManager[NapalmSession]]

DEFAULT_REVERT_SECONDS: Final = 120
MINIMUM_REVERT_SECONDS: Final = 60  # IOS counts its revert timer in whole minutes
# Under which kinds approvals of a change are asked for: the first, and where much hangs on it
# a second by yet another person.
FIRST, SECOND = "change", "change-second"
APPROVAL_KINDS: Final = (FIRST, SECOND)
# An approved one too: its approval may have run out, or its devices changed under it.
PLANNABLE: Final = (
    ChangeState.DRAFT,
    ChangeState.PLANNED,
    ChangeState.AWAITING_APPROVAL,
    ChangeState.APPROVED,
    ChangeState.SCHEDULED,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants: a text for each device, by the device's name.

    `origin` says what the texts were made of; with `is_replace` each is a whole configuration.
    Without a `rollout` it spreads as is usual for so many devices.
    """

    title: str
    reason: str
    texts: Mapping[str, str]
    revert_seconds: int = DEFAULT_REVERT_SECONDS
    rollout: Rollout | None = None
    window: Window = ALWAYS
    intent: Intent = Intent.SNIPPET
    origin: Mapping[str, Any] = field(default_factory=dict)
    is_replace: bool = False
    standard_id: int | None = None


def create(session: WriteSession, actor: Actor, draft: Draft) -> int:
    """Write `draft` down as a change set and return its id.

    Raises:
        DeniedError: the actor may not ask for changes.
        InvalidInputError: an unknown device, a platform that can prove no way back, a text that
            is empty or not only configuration, or too short a time; all at once.
    """
    acting = actor.acting(Permission.CHANGE_REQUEST)
    problems = _problems(draft)
    devices = [
        device
        for name in sorted(draft.texts)
        if (device := _device(session, acting, name, problems)) is not None
    ]
    ids = [device.id for device in devices]
    problems += windows.problems(session, draft.window, ids, draft.revert_seconds)
    if problems:
        raise InvalidInputError(problems)
    scopes = {device.scope_id for device in devices}
    change = _change(actor, draft, scopes.pop() if len(scopes) == 1 else None)
    session.add(change)
    session.flush()
    session.add_all(_target(session, change, device, draft) for device in devices)
    names = [device.name for device in devices]
    audit.record(session, actor, "change.create", f"change/{change.id}", {"devices": names})
    return change.id


def _change(actor: Actor, draft: Draft, scope_id: int | None) -> Change:
    rollout = draft.rollout or Rollout.usual(len(draft.texts))
    return Change(
        scope_id=scope_id,
        title=draft.title,
        reason=draft.reason,
        intent=draft.intent,
        origin=dict(draft.origin),
        is_replace=draft.is_replace,
        standard_id=draft.standard_id,
        revert_seconds=draft.revert_seconds,
        canary=rollout.canary,
        batch=rollout.batch,
        per_site=rollout.per_site,
        soak_seconds=rollout.soak_seconds,
        is_gated=rollout.is_gated,
        opens_at=draft.window.opens_at,
        closes_at=draft.window.closes_at,
        state=ChangeState.DRAFT,
        requester_id=actor.id,
        requester=actor.name,
        created_at=clock.now(),
    )


def _problems(draft: Draft) -> list[Problem]:
    found = [] if draft.rollout is None else list(draft.rollout.problems())
    if not draft.title.strip():
        found.append(Problem("change", "title", "", "is empty", "Say what the change does."))
    if not draft.texts:
        found.append(Problem("change", "devices", "", "are missing", "Name at least one device."))
    if draft.revert_seconds < MINIMUM_REVERT_SECONDS:
        fix = f"Give at least {MINIMUM_REVERT_SECONDS}."
        given = str(draft.revert_seconds)
        found.append(Problem("change", "revert_seconds", given, "is too short", fix))
    for name, text in draft.texts.items():
        found.extend(snippets.problems(name, text))
    return found


def _device(
    session: AnySession, actor: Actor, name: str, problems: list[Problem]
) -> DeviceRow | None:
    try:
        device = inventory.get_device(session, actor, name)
    except LookupError:
        fix = "Use the name of a device in the inventory."
        problems.append(Problem("change", "devices", name, "there is no such device", fix))
        return None
    if platforms.get(device.platform).safety is Safety.NONE:
        message = f"platform {device.platform} proves no way back"
        fix = "Change it with a playbook, or by hand in a window."
        problems.append(Problem("change", "devices", name, message, fix))
    return device


def _target(session: WriteSession, change: Change, device: DeviceRow, draft: Draft) -> ChangeTarget:
    return ChangeTarget(
        change_id=change.id,
        device_id=device.id,
        state=TargetState.PLANNED,
        rendered=blobs.put(session, draft.texts[device.name].encode()),
        commit_id=f"hatang-{change.id}-{uuid.uuid4().hex[:8]}",
        safety=platforms.get(device.platform).safety,
    )


@dataclass(frozen=True, slots=True)
class _Computed:
    target_id: int
    access: Access
    running: Ready
    diff: str


def plan(
    db: Database, host_keys: HostKeys, actor: Actor, change_id: int, *, pace: Pace = USUAL
) -> str:
    """Let every device compute its difference, and return the hash of the whole plan.

    As many devices are asked at a time as `pace` says. An earlier approval is voided.

    Raises:
        ConflictError: the change is past planning, or went past it while the devices computed.
        NotFoundError: no such change, or one of its devices is beyond what the actor may change.
        InvalidInputError: devices that could not compute theirs; all of them, each with why.
    """
    with db.read() as session:
        work = _work(session, actor.acting(Permission.CHANGE_REQUEST), change_id)
        shaped = shape(session, change_id)
        is_replace = session.get_one(Change, change_id).is_replace
    load = "load_replace_candidate" if is_replace else "load_merge_candidate"
    computed: list[_Computed] = []
    problems: list[Problem] = []
    connect = partial(_connect, db, host_keys, pace)
    with ThreadPoolExecutor(max_workers=pace.at_once, thread_name_prefix="plan") as pool:
        for job in [pool.submit(_compute, db, connect, load, item) for item in work]:
            result = job.result()
            (problems if isinstance(result, Problem) else computed).append(result)  # type: ignore[arg-type]
    if problems:
        raise InvalidInputError(problems)
    with db.write() as session:
        return _write(session, actor, change_id, computed, shaped)


def _work(session: AnySession, actor: Actor, change_id: int) -> list[tuple[int, Access, str]]:
    _plannable(session, change_id)
    targets = session.scalars(select(ChangeTarget).where(ChangeTarget.change_id == change_id))
    return [
        (
            target.id,
            prepare(session, inventory.get_device(session, actor, target.device_id)),
            blobs.get(session, target.rendered).decode(),
        )
        for target in targets.all()
    ]


def _plannable(session: AnySession, change_id: int) -> Change:
    change = session.get(Change, change_id, with_for_update=isinstance(session, WriteSession))
    if change is None:
        raise NotFoundError(f"there is no change {change_id}")
    if change.state not in PLANNABLE:
        raise ConflictError(f"change {change_id} is {change.state} and is not planned again")
    return change


@contextmanager
def _connect(
    db: Database, host_keys: HostKeys, pace: Pace, access: Access
) -> Iterator[NapalmSession]:
    with pace.turn(db, access.aaa_server), open_driver(access, host_keys) as driver:
        yield driver


def _compute(
    db: Database, connect: Connect, load: str, work: tuple[int, Access, str]
) -> _Computed | Problem:
    target_id, access, text = work
    try:
        with connect(access) as driver:
            _refuse_pending(driver)
            running = driver.call("get_config", retrieve="running")["running"]
            driver.call(load, config=text)
            diff = driver.call("compare_config")
            driver.call("discard_config")
    except DriverError as error:
        fix = error.fix or "Correct the text, or take the device out of the change."
        said = masked(access.platform, error.message, text)
        return Problem("change", f"device {access.name}", error.reason, said, fix)
    return _Computed(target_id, access, compared(db, access, as_running(access, running)), diff)


def _refuse_pending(driver: NapalmSession) -> None:
    if driver.call("has_pending_commit"):
        raise DriverError("another change waits for its confirmation", Reason.BUSY)


def _write(
    session: WriteSession,
    actor: Actor,
    change_id: int,
    computed: list[_Computed],
    shaped: Shape,
) -> str:
    change = _plannable(session, change_id)  # asked anew: executing may have begun meanwhile
    for item in computed:
        target = session.get_one(ChangeTarget, item.target_id)
        collector = Actor.system("planning")
        version, _is_new = store(
            session, collector, item.access, item.running, source=f"change/{change_id}"
        )
        target.before_version_id = version
        target.diff = blobs.put(session, item.diff.encode())
        # A device hashes a login with another salt each time it is asked.
        is_login = change.intent == Intent.ROTATION
        redact = item.access.platform.redact
        target.diff_sha256 = hash_diff(redact(item.diff) if is_login else item.diff)
    shaped.write(session, change)
    session.flush()
    change.plan_sha256 = plan_hash(session, change)
    change.planned_at = clock.now()
    change.state = ChangeState.PLANNED
    change.approval_id = change.second_approval_id = None
    for kind in APPROVAL_KINDS:
        approval.void(session, actor, kind, str(change_id))
    detail = {"plan_sha256": change.plan_sha256}
    audit.record(session, actor, "change.plan", f"change/{change_id}", detail)
    return change.plan_sha256


def plan_hash(session: AnySession, change: Change) -> str:
    """Return the SHA-256 over exactly what the change will do, from what the records hold."""
    return sha256(plan_text(session, change).encode()).hexdigest()


def plan_text(session: AnySession, change: Change) -> str:
    """Return what `plan_hash` is taken of: JSON without a secret, which evidence carries along."""
    rows = session.execute(
        select(ChangeTarget, Device.device_key, ConfigVersion.identity)
        .join(Device, Device.id == ChangeTarget.device_id)
        .join(ConfigVersion, ConfigVersion.id == ChangeTarget.before_version_id)
        .where(ChangeTarget.change_id == change.id)
        .order_by(Device.device_key)
    )
    content = {
        "change": change.id,
        "intent": change.intent,
        "replace": change.is_replace,
        "revert_seconds": change.revert_seconds,
        "window": [at and at.isoformat() for at in (change.opens_at, change.closes_at)],
        "rollout": [change.canary, change.batch, change.per_site, change.soak_seconds],
        "gated": change.is_gated,
        "impact": change.impact,
        "level": change.level,
        "targets": [
            [key, target.wave, target.rendered, target.diff_sha256, identity, target.safety]
            for target, key, identity in rows
        ],
    }
    return json.dumps(content, sort_keys=True)
