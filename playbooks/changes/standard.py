"""Standard changes: a template with ranges of its parameters, approved once, for small work.

At two in the morning nobody has to be woken: what was approved is the template and what may be
filled in. Difference, dead-man and evidence are those of every change; only devices of one site.
"""

from __future__ import annotations

import ipaddress
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from hatang import approval, audit, clock, scope
from hatang.approval import Approval
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from inventory import platforms
from inventory.models import Device
from inventory.platforms.schema import linear
from playbooks.models import Change, ChangeTarget, StandardChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

SUBJECT: Final = "standard-change"
LONGEST: Final = timedelta(days=366)
WHERE: Final = "standard change"
_WHOLE: Final = re.compile("-?[0-9]{1,18}")
_KEYS: Final = {
    "integer": {"type", "min", "max"},
    "text": {"type", "pattern"},
    "choice": {"type", "choices"},
    "address": {"type", "within"},
}


@dataclass(frozen=True, slots=True)
class StandardDraft:
    """What is to be approved once.

    `parameters` say by name what may be filled in: `{"type": "integer", "min": 2, "max": 4094}`,
    `{"type": "text", "pattern": "[a-z ]+"}`, `{"type": "choice", "choices": [...]}` or
    `{"type": "address", "within": "10.0.0.0/8"}`.
    """

    name: str
    description: str
    template: str
    parameters: Mapping[str, Mapping[str, Any]]
    platforms: Sequence[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StandardRow:
    """A standard change as lists show it; `state` is its approval's."""

    id: int
    name: str
    description: str
    template: str
    parameters: dict[str, Any]
    platforms: list[str]
    sha256: str
    requester: str
    approver: str | None
    state: str
    created_at: datetime
    expires_at: datetime


def define(session: WriteSession, actor: Actor, draft: StandardDraft) -> int:
    """Write a standard change down and ask for its approval; returns its id.

    Raises:
        DeniedError: the actor may not ask for changes.
        InvalidInputError: what is wrong with it, all at once.
        ConflictError: the name is taken.
    """
    acting = actor.acting(Permission.CHANGE_REQUEST)
    problems = list(_problems(draft))
    if problems:
        raise InvalidInputError(problems)
    parameters = {name: _normal(rule) for name, rule in draft.parameters.items()}
    draft = replace(draft, parameters=parameters)
    known = select(StandardChange.id).where(StandardChange.name == draft.name)
    if session.scalar(known) is not None:
        raise ConflictError(f"there is a standard change {draft.name}", fix="Take another name.")
    row = StandardChange(
        scope_id=None if acting.scope_ids is None else min(acting.scope_ids, default=None),
        name=draft.name,
        description=draft.description,
        template=draft.template,
        parameters=parameters,
        platforms=sorted(draft.platforms),
        sha256=_hash(draft),
        requester=actor.name,
        created_at=clock.now(),
        expires_at=draft.expires_at,
    )
    session.add(row)
    session.flush()
    row.approval_id = approval.request(
        session,
        actor,
        approval.Subject(SUBJECT, str(row.id), row.sha256, row.scope_id),
        Permission.CHANGE_APPROVE,
        reason=draft.description,
        expires_at=draft.expires_at,
    )
    detail = {"name": row.name, "sha256": row.sha256}
    audit.record(session, actor, "standard-change.define", f"{SUBJECT}/{row.id}", detail)
    return row.id


def decide_standard(
    session: WriteSession, actor: Actor, name: str, digest: str, *, approve: bool
) -> None:
    """Approve or reject the standard change one has read; raises as `approval.decide`."""
    row = _row(session, name)
    approval.decide(session, actor, row.approval_id or 0, digest, approve=approve)


def withdraw_standard(session: WriteSession, actor: Actor, name: str) -> None:
    """End a standard change before it expires; raises DeniedError or NotFoundError."""
    row = _row(session, name)
    if not scope.reaches(session, actor.acting(Permission.CHANGE_REQUEST), row.scope_id):
        raise NotFoundError(f"there is no standard change {name}")
    approval.void(session, actor, SUBJECT, str(row.id))


def list_standards(session: AnySession, actor: Actor) -> list[StandardRow]:
    """Return all standard changes the actor may know of, by name."""
    acting = actor.acting(Permission.CHANGE_READ)
    rows = session.execute(
        select(StandardChange, Approval)
        .join(Approval, Approval.id == StandardChange.approval_id)
        .where(scope.visible(acting, StandardChange.scope_id) | StandardChange.scope_id.is_(None))
        .order_by(StandardChange.name)
    )
    return [
        StandardRow(
            id=row.id,
            name=row.name,
            description=row.description,
            template=row.template,
            parameters=row.parameters,
            platforms=row.platforms,
            sha256=row.sha256,
            requester=row.requester,
            approver=given.decided_by,
            state=approval.state_of(given),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row, given in rows
    ]


def filled(session: AnySession, name: str, given: Mapping[str, Any]) -> StandardChange:
    """Return the standard change when `given` lies within its ranges.

    Raises:
        NotFoundError: there is none of that name.
        InvalidInputError: a parameter is missing, unknown, or beyond its range; all of them.
    """
    row = _row(session, name)
    problems = [
        Problem(WHERE, each, str(given[each])[:80], "is no parameter of it", "Leave it out.")
        for each in given
        if each not in row.parameters
    ]
    for each, rule in row.parameters.items():
        fault = "is missing" if each not in given else _fault(rule, given[each])
        if fault:
            shown = str(given.get(each, ""))[:80]
            fix = f"Allowed: {json.dumps(rule, ensure_ascii=False)}."
            problems.append(Problem(WHERE, each, shown, fault, fix))
    if problems:
        raise InvalidInputError(problems)
    return row


def covering(session: AnySession, change: Change) -> int | None:
    """Return the approval that covers a change made of a standard one, None where none does."""
    if change.standard_id is None:
        return None
    row = session.get_one(StandardChange, change.standard_id)
    targets = (
        select(func.count(Device.site_id.distinct()))
        .join(ChangeTarget, ChangeTarget.device_id == Device.id)
        .where(ChangeTarget.change_id == change.id)
    )
    if session.scalar(targets) != 1 or change.level > 1 or not reaches(session, row, change):
        return None
    try:
        return approval.require_approved(session, SUBJECT, str(row.id), row.sha256)
    except ConflictError:
        return None


def reaches(session: AnySession, row: StandardChange, change: Change) -> bool:
    """Return whether every device of a change lies where the standard change was approved for."""
    if row.scope_id is None:
        return True
    scopes = session.scalars(
        select(Device.scope_id)
        .join(ChangeTarget, ChangeTarget.device_id == Device.id)
        .where(ChangeTarget.change_id == change.id)
    )
    return set(scopes) <= set(scope.descendants(session, row.scope_id))


def _problems(draft: StandardDraft) -> Iterator[Problem]:
    for name in ("name", "description", "template"):
        if not getattr(draft, name).strip():
            yield Problem(WHERE, name, "", "is empty", "Fill it in.")
    if not draft.platforms:
        yield Problem(WHERE, "platforms", "", "are missing", "Say for which it is written.")
    for each in draft.platforms:
        if each not in platforms.names():
            yield Problem(WHERE, "platforms", each, "is unknown", "Use one that hatang knows.")
    now = clock.now()
    if not now < draft.expires_at <= now + LONGEST:
        fix = f"Give a time within {LONGEST.days} days."
        shown = f"{draft.expires_at:%Y-%m-%d}"
        yield Problem(WHERE, "expires_at", shown, "is past or too far away", fix)
    for name, rule in draft.parameters.items():
        kind = str(rule.get("type", ""))
        if _KEYS.get(kind) != set(rule):
            fix = "Give integer (min, max), text (pattern), choice (choices) or address (within)."
            yield Problem(WHERE, name, json.dumps(dict(rule))[:80], "is no range", fix)
        elif fault := _wrong(kind, rule):
            yield Problem(WHERE, name, json.dumps(dict(rule))[:80], fault, "Mend the range.")


def _wrong(kind: str, rule: Mapping[str, Any]) -> str:
    try:
        match kind:
            case "integer":
                return "" if int(rule["min"]) <= int(rule["max"]) else "is empty"
            case "text":
                linear(str(rule["pattern"]))
            case "address":
                ipaddress.ip_network(str(rule["within"]))
            case _:
                return "" if rule["choices"] else "is empty"
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a range is said
        return f"is wrong: {error}"
    return ""


def _normal(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a range whose bounds are whole numbers, as text they may have been given."""
    return {key: int(one) if key in {"min", "max"} else one for key, one in rule.items()}


def _fault(rule: Mapping[str, Any], value: Any) -> str:  # noqa: ANN401 RUF100 - what a person gave
    text = str(value)
    if not text.isprintable():
        return "holds a control character"
    match rule["type"]:
        case "integer":
            is_in = _WHOLE.fullmatch(text) is not None
            is_in = is_in and int(rule["min"]) <= int(text) <= int(rule["max"])
        case "text":
            is_in = linear(rule["pattern"]).fullmatch(text) is not None
        case "choice":
            is_in = text in [str(one) for one in rule["choices"]]
        case _:
            try:
                within = ipaddress.ip_network(rule["within"])
                is_in = "%" not in text and ipaddress.ip_address(text) in within
            except ValueError:
                is_in = False
    return "" if is_in else "is beyond its range"


def _hash(draft: StandardDraft) -> str:
    content = [draft.template, dict(draft.parameters), sorted(draft.platforms)]
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _row(session: AnySession, name: str) -> StandardChange:
    row = session.scalar(select(StandardChange).where(StandardChange.name == name))
    if row is None:
        raise NotFoundError(f"there is no standard change {name}")
    return row
