"""Asking for a playbook run; one that writes is a change and takes a second person's approval."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import not_, select

from hatang import approval, audit, clock, jobs, scope, secrets
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, Problem
from inventory import platforms
from inventory import service as inventory
from inventory.models import Device
from playbooks import collections
from playbooks.catalogue import SITE, playbook
from playbooks.changes.bookings import require_clear
from playbooks.choices import HostOutcome, RunState
from playbooks.models import PlaybookRun
from playbooks.parameters import WHERE, ParameterType, check
from playbooks.runs.reading import get_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import DeviceRow

RUN_JOB: Final = "playbooks.run"
APPROVAL_VALID: Final = timedelta(hours=24)
# What a run that writes is taken to last when bookings are looked at; none tells beforehand.
USUAL_SECONDS: Final = 900
ENDED: Final = (RunState.SUCCESSFUL, RunState.FAILED, RunState.CANCELLED)


def request(
    session: WriteSession,
    actor: Actor,
    name: str,
    devices: Sequence[str],
    *,
    check_mode: bool,
    parameters: Mapping[str, Any] | None = None,
) -> int:
    """Ask for the playbook `name` on `devices` and return the run's id.

    One that writes waits for a second person's approval and then for `start`; one that only reads,
    or only checks, is queued at once.

    Raises:
        DeniedError: the actor may not run playbooks; checking asks for the same right.
        NotFoundError: no such playbook.
        InvalidInputError: unknown devices, platforms it is not for, parameters that are missing,
            unknown or wrong; all at once.
        ConflictError: it is for network devices, and Ansible's collections for them are not there.
    """
    run = write_down(session, actor, name, devices, check_mode=check_mode, parameters=parameters)
    if playbook(name).writes and not check_mode:
        _ask(session, actor, run)
    else:
        queue(session, actor, run)
    detail = {
        "playbook": name,
        "devices": run.devices,
        "parameters": run.parameters,
        "check_mode": check_mode,
    }
    audit.record(session, actor, "playbook.run", f"run/{run.id}", detail)
    return run.id


def write_down(
    session: WriteSession,
    actor: Actor,
    name: str,
    devices: Sequence[str],
    *,
    check_mode: bool,
    parameters: Mapping[str, Any] | None = None,
) -> PlaybookRun:
    """Return the run as asked for, nobody told of it yet; raises as `request`."""
    values, rows = require_runnable(session, actor, name, devices, parameters or {})
    scopes = {row.scope_id for row in rows}
    run = PlaybookRun(
        scope_id=scopes.pop() if len(scopes) == 1 else None,
        playbook=name,
        devices=[row.name for row in rows],
        parameters=values,
        is_check_mode=check_mode,
        state=RunState.PENDING,
        requester=actor.name,
        created_at=clock.now(),
    )
    run.plan_sha256 = plan_hash(session, run)
    session.add(run)
    session.flush()
    return run


def require_runnable(
    session: AnySession,
    actor: Actor,
    name: str,
    devices: Sequence[str],
    parameters: Mapping[str, Any],
) -> tuple[dict[str, Any], list[DeviceRow]]:
    """Return the typed parameters and the devices when the actor may run this; as `request`."""
    values, problems = _parameters(session, name, parameters)
    rows = _checked(session, actor.acting(Permission.CHANGE_EXECUTE), name, devices, problems)
    if any(platforms.drivers(row.platform).ansible for row in rows):
        collections.require()
    return values, rows


def _ask(session: WriteSession, actor: Actor, run: PlaybookRun) -> None:
    run.state = RunState.AWAITING_APPROVAL
    run.approval_id = approval.request(
        session,
        actor,
        approval.Subject("run", str(run.id), run.plan_sha256 or "", run.scope_id),
        Permission.CHANGE_APPROVE,
        reason=f"{run.playbook} on {len(run.devices)} devices",
        expires_at=clock.now() + APPROVAL_VALID,
    )


def queue(session: WriteSession, actor: Actor, run: PlaybookRun) -> None:
    """Hand the run to the worker, in the caller's transaction: once, whatever dies after it."""
    run.state = RunState.PENDING
    jobs.request(session, RUN_JOB, {"run_id": run.id}, key=f"run/{run.id}", actor=actor.name)


def decide(
    session: WriteSession,
    actor: Actor,
    run_id: int,
    plan_sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject the run the actor has read; raises as `approval.decide`."""
    run = _run(session, actor, run_id, Permission.CHANGE_APPROVE)
    if run.state != RunState.AWAITING_APPROVAL or run.approval_id is None:
        raise ConflictError(f"run {run_id} is {run.state}, nobody asked for approval")
    approval.decide(session, actor, run.approval_id, plan_sha256, approve=approve, comment=comment)
    run.state = RunState.APPROVED if approve else RunState.CANCELLED
    run.finished_at = None if approve else clock.now()


def start(session: WriteSession, actor: Actor, run_id: int) -> str:
    """Queue an approved run; returns its job's key.

    Raises:
        DeniedError: the actor may not run playbooks on all of its devices.
        ConflictError: not approved, no longer what was approved, or a conference is booked where
            one of its devices stands.
    """
    run = _run(session, actor, run_id, Permission.CHANGE_EXECUTE)
    if run.state != RunState.APPROVED or run.plan_sha256 is None:
        raise ConflictError(f"run {run_id} is {run.state}, not approved")
    require_unchanged(session, run)
    approval.require_approved(session, "run", str(run_id), run.plan_sha256)
    devices = session.scalars(select(Device.id).where(Device.name.in_(run.devices))).all()
    require_clear(session, devices, USUAL_SECONDS)
    queue(session, actor, run)
    detail = {"plan_sha256": run.plan_sha256}
    audit.record(session, actor, "playbook.start", f"run/{run_id}", detail)
    return f"run/{run_id}"


def cancel(session: WriteSession, actor: Actor, run_id: int) -> None:
    """Cancel a run that nobody started; raises ConflictError once it was queued."""
    run = _run(session, actor, run_id, Permission.CHANGE_REQUEST)
    if run.state not in {RunState.AWAITING_APPROVAL, RunState.APPROVED}:
        raise ConflictError(f"run {run_id} is {run.state}, it cannot be cancelled any more")
    approval.void(session, actor, "run", str(run_id))
    run.state, run.finished_at = RunState.CANCELLED, clock.now()
    audit.record(session, actor, "playbook.cancel", f"run/{run_id}", {})


def plan_hash(session: AnySession, run: PlaybookRun) -> str:
    """Return the SHA-256 over what the run will do: text, parameters, mode and devices."""
    keys = session.scalars(
        select(Device.device_key).where(Device.name.in_(run.devices)).order_by(Device.device_key)
    )
    content = {
        "playbook": run.playbook,
        "texts": texts(playbook(run.playbook).file),
        "parameters": run.parameters,
        "check_mode": run.is_check_mode,
        "devices": list(keys),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def texts(file: str) -> dict[str, str]:
    """Return the hash of the playbook's file and of every file of the roles."""
    files = [SITE / file, *(each for each in (SITE / "roles").rglob("*") if each.is_file())]
    return {
        str(each.relative_to(SITE)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(files)
    }


def retry(session: WriteSession, actor: Actor, run_id: int) -> int:
    """Ask for the same run anew on the devices that are not done; return its id.

    Raises:
        ConflictError: it has not ended, or every device is done.
        DeniedError, InvalidInputError: as `request`.
    """
    run = _run(session, actor, run_id, Permission.CHANGE_EXECUTE)
    outcomes = run.outcomes or {}
    devices = [each for each in run.devices if outcomes.get(each) != HostOutcome.DONE]
    if run.state not in ENDED or not devices:
        raise ConflictError(f"run {run_id} is {run.state}, there is nothing to run again")
    return request(
        session,
        actor,
        run.playbook,
        devices,
        check_mode=run.is_check_mode,
        parameters=run.parameters,
    )


def require_unchanged(session: AnySession, run: PlaybookRun) -> None:
    """Return when the run would do what was asked for; raises ConflictError."""
    if plan_hash(session, run) != run.plan_sha256:
        raise ConflictError(
            f"run {run.id} is no longer what was asked for: its playbook or a device has changed",
            fix="Ask for it anew.",
        )


def _run(session: WriteSession, actor: Actor, run_id: int, permission: Permission) -> PlaybookRun:
    """Return the run; who acts on it must hold `permission` over every one of its devices."""
    acting = actor.acting(permission)
    get_run(session, acting, run_id)
    run = session.get_one(PlaybookRun, run_id, with_for_update=True)
    beyond = select(Device.id).where(
        Device.name.in_(run.devices), not_(scope.visible(acting, Device.scope_id))
    )
    if session.scalar(beyond.limit(1)) is not None:
        raise DeniedError(f"{actor.name} may not {permission} on every device of this run")
    return run


def _parameters(
    session: AnySession, name: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    known = playbook(name).parameters
    values, problems = check(known, given)
    for each, value in values.items():
        if known[each].type is not ParameterType.CREDENTIAL:
            continue
        try:
            kind = secrets.get(session, str(value)).kind
        except LookupError:
            kind = ""
        if kind != known[each].kind:
            message = f"there is no credential of kind {known[each].kind} with this name"
            fix = "Name one of those hatang credential list shows."
            problems.append(Problem(WHERE, each, str(value), message, fix))
    return values, problems


def _checked(
    session: AnySession,
    actor: Actor,
    name: str,
    devices: Sequence[str],
    problems: list[Problem],
) -> list[DeviceRow]:
    wanted = playbook(name)
    rows = []
    found = inventory.find_devices(session, actor, devices)
    if not devices:
        fix = "Name at least one device."
        problems.append(Problem("run", "devices", "", "are missing", fix))
    for device in dict.fromkeys(devices):
        row = found.get(device)
        if row is None:
            fix = "Use the name of a device in the inventory."
            problems.append(Problem("run", "devices", device, "there is no such device", fix))
            continue
        if row.platform not in wanted.platforms:
            fix = f"Choose devices of: {', '.join(wanted.platforms)}."
            message = f"{name} is not for platform {row.platform}"
            problems.append(Problem("run", "devices", device, message, fix))
        rows.append(row)
    if problems:
        raise InvalidInputError(problems)
    return rows
