"""Says how the devices of a selection are intended to be, and takes that back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import (
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    Problem,
    TamperedError,
)
from inventory.models import Device
from playbooks import intended, templates
from playbooks.changes.selecting import NOTHING, Selection, select_devices
from playbooks.drift.due import intended_for_none
from playbooks.drift.following import forget
from playbooks.models import IntendedConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Select

    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession

WHERE: Final = "intended configuration"
LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class IntendedDraft:
    """A template of how the devices of `selection` are to be; its own values are `parameters`.

    Not `is_whole`, only the sections that the template names are compared.
    """

    name: str
    template: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    selection: Selection = NOTHING
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class IntendedRow:
    """An intended configuration as lists show it: of its parameters the names alone.

    Not `is_readable`, what was set is gone or damaged, and of `parameters` nothing is known.
    `is_for_none`: no device in service matches it any more, and nothing is compared with it.
    """

    id: int
    name: str
    template_sha256: str
    parameters: tuple[str, ...]
    selection: dict[str, list[str]]
    is_whole: bool
    set_by: str
    set_at: datetime
    is_readable: bool
    is_for_none: bool


def set_intended(db: Database, actor: Actor, draft: IntendedDraft) -> int:
    """Say how devices are to be from now on; returns the id. One of that name is replaced.

    Which devices match the selection is asked anew at each comparison, below the scope that the
    actor reaches.

    Raises:
        DeniedError: the actor may not say what is intended.
        InvalidInputError: what is wrong with it, all at once; a template that is wrong for one
            device's data is not, and makes that device unknown.
        ConflictError: the name is taken where the actor does not reach.
    """
    problems = list(_problems(draft))
    with db.read() as session:
        acting = _acting(actor)
        try:
            select_devices(session, actor, draft.selection, Permission.INVENTORY_WRITE)
        except InvalidInputError as error:
            problems += error.problems
    problems += templates.filled(draft.template, {})[1]
    if problems:
        raise InvalidInputError(problems)
    with db.write() as session:
        return _write(session, acting, draft)


def _acting(actor: Actor) -> Actor:
    actor.acting(Permission.VAULT_READ)
    return actor.acting(Permission.INVENTORY_WRITE)


def _write(session: WriteSession, acting: Actor, draft: IntendedDraft) -> int:
    devices = select_devices(session, acting, draft.selection, Permission.INVENTORY_WRITE)
    named = {row.name for row in devices} & {*draft.selection.names}
    selection = asdict(draft.selection)
    selection["names"] = sorted(row.device_key for row in devices if row.name in named)
    content = intended.put(session, intended.Content(draft.template, draft.parameters))
    scope_id = _scope(session, acting, {row.scope_id for row in devices})
    known = select(IntendedConfiguration).where(IntendedConfiguration.name == draft.name)
    row = session.scalar(known.with_for_update())
    if row is None:
        row = IntendedConfiguration(name=draft.name)
        session.add(row)
    elif not scope.reaches(session, acting, row.scope_id):
        raise ConflictError(
            f"there is an intended configuration {draft.name}", fix="Take another name."
        )
    row.scope_id = scope_id
    row.content = content
    row.template_sha256 = sha256(draft.template.encode()).hexdigest()
    row.selection = selection
    row.is_whole = draft.is_whole
    row.set_by, row.set_at, row.removed_at = acting.name, clock.now(), None
    session.flush()
    detail = {
        "name": row.name,
        "template_sha256": row.template_sha256,
        "parameters": sorted(draft.parameters),
        "selection": selection,
        "whole": row.is_whole,
        "devices": len(devices),
    }
    audit.record(session, acting, "drift.set-intended", f"intended/{row.id}", detail)
    return row.id


def _scope(session: AnySession, acting: Actor, scopes: set[int]) -> int | None:
    """Return the scope below which devices count: None for who reaches the whole province."""
    if acting.scope_ids is None:
        return None
    for one in sorted(acting.scope_ids):
        if scopes <= scope.descendants(session, one):
            return one
    message = "stand in parts of the province that you reach one by one"
    fix = "Set one intended configuration for each part."
    raise InvalidInputError([Problem(WHERE, "devices", "", message, fix)])


def list_intended(session: AnySession, actor: Actor) -> list[IntendedRow]:
    """Return the intended configurations in force that the actor may know of, by name."""
    acting = actor.acting(Permission.VAULT_READ)
    known = select(Device.device_key, Device.name).where(scope.visible(acting, Device.scope_id))
    names = {row.device_key: row.name for row in session.execute(known)}
    found = session.scalars(_by_name(acting)).all()
    empty = intended_for_none(session, found)
    return [_row(session, row, names, is_for_none=row.id in empty) for row in found]


def list_names(session: AnySession, actor: Actor) -> list[str]:
    """Return the names of the intended configurations in force that the actor may know of."""
    acting = actor.acting(Permission.VAULT_READ)
    return [row.name for row in session.scalars(_by_name(acting))]


def _by_name(acting: Actor) -> Select[IntendedConfiguration]:
    return intended.in_force(acting).order_by(IntendedConfiguration.name)


def _row(
    session: AnySession, row: IntendedConfiguration, names: Mapping[str, str], *, is_for_none: bool
) -> IntendedRow:
    try:
        parameters = sorted(intended.read(session, row).parameters)
        is_readable = True
    except (NotFoundError, TamperedError):
        parameters, is_readable = [], False
    keys = row.selection["names"]
    chosen = {**row.selection, "names": sorted(names[key] for key in keys if key in names)}
    return IntendedRow(
        id=row.id,
        name=row.name,
        template_sha256=row.template_sha256,
        parameters=tuple(parameters),
        selection={field: list(each) for field, each in chosen.items() if each},
        is_whole=row.is_whole,
        set_by=row.set_by,
        set_at=row.set_at,
        is_readable=is_readable,
        is_for_none=is_for_none,
    )


def remove_intended(session: WriteSession, actor: Actor, name: str) -> None:
    """Intend nothing any more under this name; the drifts of it end and stay as history.

    Raises:
        NotFoundError: there is none of that name in force.
        DeniedError: the actor may not say what is intended there.
    """
    acting = _acting(actor)
    row = intended.named(session, acting, name)
    if not scope.reaches(session, acting, row.scope_id):
        raise DeniedError(f"{actor.name} may not say what is intended beyond their own units")
    row.removed_at = clock.now()
    forget(session, row.id)
    audit.record(session, actor, "drift.remove-intended", f"intended/{row.id}", {"name": name})


def _problems(draft: IntendedDraft) -> Iterator[Problem]:
    if not draft.name.strip() or len(draft.name) > LONGEST_NAME or not draft.name.isprintable():
        fix = f"Give one line of 1 to {LONGEST_NAME} characters."
        yield Problem(WHERE, "name", draft.name[:LONGEST_NAME], "is no name", fix)
    if not draft.template.strip():
        yield Problem(WHERE, "template", "", "is empty", "Write how the devices are to be.")
    for name, value in draft.parameters.items():
        if not str(value).isprintable():
            fix = "Give one line of text."
            yield Problem(WHERE, name[:80], "", "holds a control character", fix)
