"""The inbox's verbs: accept reality, have reality fixed, or leave it until a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import yaml
from sqlalchemy import select

from hatang import audit, clock, gates, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, Problem
from hatang.gates import CHANGE, Intent
from inventory import snapshot
from inventory.choices import ElementKind
from inventory.inbox import accepting
from inventory.inbox.choices import WAITING, DeviationKind, DeviationState
from inventory.inbox.listing import (
    AT_ONCE,
    InboxRow,
    get_deviation,
    get_deviations,
    list_deviations,
)
from inventory.inbox.models import Deviation
from inventory.models import Device, Interface
from inventory.rows import Query
from inventory.service.editing import (
    delete_addresses,
    delete_link,
    delete_ports,
    rename_device,
)
from inventory.service.enrolling import replace_host_key
from inventory.service.importing import WRITE, apply_import, plan_import

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

__all__ = ["accept", "fix", "get_deviation", "ignore", "list_deviations", "select_waiting"]

LONGEST_IGNORED_DAYS: Final = 366
_WHEN_OVER: Final = "See its change; when that is over, ignore the difference, then fix it again."
_NOTHING: Final[Mapping[str, str]] = {}


def select_waiting(
    session: AnySession, actor: Actor, filters: Mapping[str, str], *, today: date
) -> list[InboxRow]:
    """Return all open differences that match, for showing and doing many at once."""
    wanted = {**filters, "state": DeviationState.OPEN.value}
    return list(list_deviations(session, actor, Query(wanted, limit=None), today=today).items)


def accept(
    session: WriteSession,
    actor: Actor,
    shown: Mapping[int, str],
    values: Mapping[str, str] = _NOTHING,
    *,
    is_lab: bool = False,
) -> int:
    """Write what was observed into the inventory, all of `shown` or none, and return how many.

    `shown` has each difference's digest by its number: what was looked at is what is written. It
    goes the way of an import: planned, checked, audited. `values` (name, site, role, platform)
    fill in what no device tells of itself.

    Raises:
        DeniedError, NotFoundError: a difference that the actor may not decide.
        ConflictError: one waits no longer or changed since it was shown, its element is gone, or
            a host key is among several.
        InvalidInputError: what was observed may not stand in the inventory; everything at once.
    """
    rows = _decided(session, actor, shown)
    _require_alone(rows)
    base = snapshot.take(session)
    writes = accepting.compose(rows, base, values)
    _check_reach(session, actor, writes, base)
    # Each difference was checked for this actor; the plan itself is the province's.
    importer = replace(actor.acting(WRITE), scope_ids=None, grants=frozenset())
    for link_id in writes.links:
        delete_link(session, importer, link_id)
    document = writes.document()
    if len(document) > 1:
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        plan = plan_import(session, importer, text, "inbox", lab=is_lab)
        apply_import(session, importer, plan, f"inbox:{actor.name}")
    delete_addresses(session, importer, writes.addresses)
    delete_ports(session, importer, writes.ports)
    for device, line in writes.host_keys:
        replace_host_key(session, importer, device, line)
    for old, new in writes.names:
        rename_device(session, importer, old, new)
    _close(session, actor, rows, DeviationState.ACCEPTED, {})
    return len(rows)


def ignore(
    session: WriteSession,
    actor: Actor,
    shown: Mapping[int, str],
    until: date,
    reason: str,
    *,
    today: date,
) -> int:
    """Leave differences as they are until a date, when they open again by themselves.

    `shown` is as for `accept`, `today` the day in the province.

    Raises:
        DeniedError, NotFoundError, ConflictError: as `accept`.
        InvalidInputError: no reason, or a date that is past or more than a year away.
    """
    actor.acting(WRITE)
    problems = []
    if not reason.strip():
        problems.append(Problem("inbox", "reason", "", "is missing", "Say why it may stay so."))
    if not today < until <= today + timedelta(days=LONGEST_IGNORED_DAYS):
        fix = "Give a date after today, within a year."
        problems.append(Problem("inbox", "until", until.isoformat(), "is no such date", fix))
    if problems:
        raise InvalidInputError(problems)
    rows = _decided(session, actor, shown)
    fields = {"until": until, "reason": reason.strip()}
    _close(session, actor, rows, DeviationState.IGNORED, fields)
    return len(rows)


def fix(session: WriteSession, actor: Actor, deviation_id: int, digest: str, reason: str) -> str:
    """Open a change that makes the device as intended, and return its key.

    Raises:
        DeniedError, NotFoundError, ConflictError: as `accept`; ConflictError also where a
            change is open already, and where only a person's hands can: a cable, a missing
            device, a serial number.
        InvalidInputError: as the change says.
    """
    actor.acting(Permission.CHANGE_REQUEST)
    (row,) = _decided(session, actor, {deviation_id: digest}, Permission.CHANGE_REQUEST)
    if row.state == DeviationState.FIXING:
        raise ConflictError(f"being fixed already: {row.id}", fix=_WHEN_OVER)
    device, arguments = _fixable(session, row)
    intent = Intent(
        element=f"device:{device.device_key}",
        title=f"{row.element}: {row.field}",
        reason=reason,
        origin=f"inbox/{row.id}",
        arguments=arguments,
    )
    change = gates.get(CHANGE).open(session, actor, intent)
    _close(session, actor, [row], DeviationState.FIXING, {"change": change, "reason": reason})
    return change


def _decided(
    session: WriteSession,
    actor: Actor,
    shown: Mapping[int, str],
    permission: Permission = WRITE,
) -> list[InboxRow]:
    """Return the rows as they were shown; held, so that of two decisions at once one waits."""
    acting = actor.acting(permission)
    wanted, held = sorted(shown), select(Deviation.id).order_by(Deviation.id).with_for_update()
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        session.execute(held.where(Deviation.id.in_(part)))
    rows = get_deviations(session, acting, shown)
    done = [row for row in rows if row.state not in WAITING]
    if done:
        numbers = ", ".join(str(row.id) for row in done)
        raise ConflictError(f"decided already: {numbers}", fix="List the inbox again.")
    changed = [row for row in rows if row.digest != shown[row.id]]
    if changed:
        numbers = ", ".join(str(row.id) for row in changed)
        raise ConflictError(
            f"changed since they were shown: {numbers}", fix="List the inbox again."
        )
    return rows


def _require_alone(rows: Sequence[InboxRow]) -> None:
    """Refuse a host key among others: each is compared by a person who looks at it alone."""
    keys = [row for row in rows if row.is_host_key]
    if keys and len(rows) > 1:
        numbers = ", ".join(str(row.id) for row in keys)
        raise ConflictError(
            f"host keys are accepted one at a time: {numbers}",
            fix="Compare each fingerprint with the device's own, and accept it alone.",
        )


def _close(
    session: WriteSession,
    actor: Actor,
    rows: Sequence[InboxRow],
    state: DeviationState,
    fields: Mapping[str, object],
) -> None:
    for row, held in _held(session, rows):
        held.state, held.decided_by, held.decided_at = state, actor.name, clock.now()
        held.observed = row.observed
        for name, value in fields.items():
            setattr(held, name, value)
        detail = {
            "kind": row.kind,
            "element": row.element,
            "field": row.field,
            "intended": row.intended,
            "observed": row.observed,
            **{name: str(value) for name, value in fields.items()},
        }
        audit.record(session, actor, f"inbox.{state}", f"inbox/{row.id}", detail)
    session.flush()


def _held(session: WriteSession, rows: Sequence[InboxRow]) -> Iterable[tuple[InboxRow, Deviation]]:
    """Yield each row with its record, read in few statements."""
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        asked = select(Deviation).where(Deviation.id.in_([row.id for row in part]))
        records = {record.id: record for record in session.scalars(asked)}
        yield from ((row, records[row.id]) for row in part)


def _check_reach(
    session: AnySession, actor: Actor, writes: accepting.Writes, base: snapshot.Snapshot
) -> None:
    """Refuse a new device at a site that is not the actor's."""
    acting, problems = actor.acting(WRITE), []
    for fields in writes.rows.get(ElementKind.DEVICE, {}).values():
        site = fields.get("site", "")
        scope_id = base.scope_ids[ElementKind.SITE].get(site)
        if scope_id is None or not scope.reaches(session, acting, scope_id):
            fix_ = "Give the slug of a site of yours."
            problems.append(Problem("inbox", "site", str(site), "is no site", fix_))
    if problems:
        raise InvalidInputError(problems)


def _fixable(session: AnySession, row: InboxRow) -> tuple[Device, dict[str, str]]:
    device, arguments = None, {"field": row.field, "value": str(row.intended)}
    if row.kind == DeviationKind.FIELD and row.element_kind == ElementKind.DEVICE:
        device = session.get(Device, row.element_id)
    elif row.kind == DeviationKind.FIELD and row.element_kind == ElementKind.INTERFACE:
        port = session.get(Interface, row.element_id)
        if port is not None:
            device = session.scalar(select(Device).where(Device.id == port.device_id))
            arguments["interface"] = port.name
    if device is None:
        raise ConflictError(
            f"no change of a configuration mends this: {row.element}",
            fix="Mend it on the spot, or accept it, or ignore it until a date.",
        )
    arguments["device"] = device.name
    return device, arguments
