"""What was imported, when, by whom; and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from inventory import checks, collector, golive, pruning, removing, snapshot, undoing, writing
from inventory.models import Import
from inventory.repository import Listing, fetch, fetch_one
from inventory.rows import FIRST_PAGE, ImportRow, Page, Query
from inventory.service.importing import announce, lock, require_province
from inventory.service.reading import READ

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from hatang.errors import Problem
    from inventory.planning import ImportPlan
    from inventory.snapshot import Snapshot
    from inventory.undoing import Deeds

_undoing = aliased(Import, name="undoing")
_IMPORTS: Final = Listing(
    ImportRow,
    select(
        Import.id,
        Import.verb,
        Import.applied_at,
        Import.applied_by,
        Import.filename,
        Import.source,
        Import.file_sha256,
        Import.plan_sha256,
        Import.counts,
        Import.undoes_id,
        _undoing.id,
    ).outerjoin(_undoing, _undoing.undoes_id == Import.id),
    None,
    Import.id,
    {
        "id": Import.id,
        "verb": Import.verb,
        "applied_by": Import.applied_by,
        "applied_at": Import.applied_at,
        "filename": Import.filename,
        "file_sha256": Import.file_sha256,
    },
)


def list_imports(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[ImportRow]:
    """Return applied imports; filters: verb, applied_by, filename, file_sha256.

    Raises:
        DeniedError: the actor does not reach the whole province, of which files speak.
    """
    _require_sight(actor)
    return fetch(session, actor, _IMPORTS, query)


def get_import(session: AnySession, actor: Actor, import_id: int) -> tuple[ImportRow, Deeds]:
    """Return an applied import and every row it created, changed and removed.

    Raises:
        DeniedError: as for the list.
        NotFoundError: there is no such import.
    """
    _require_sight(actor)
    row = fetch_one(session, actor, _IMPORTS, Import.id == import_id)
    if row is None:
        raise NotFoundError(f"there is no import {import_id}")
    return row, undoing.unpack(session.get_one(Import, import_id).inverse)


@collector.held()
def plan_undo(session: AnySession, actor: Actor, import_id: int) -> ImportPlan:
    """Return what taking back an import would do; writes nothing.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        NotFoundError: there is no such import.
        ConflictError: it was taken back already.
        InvalidInputError: later changes touched the same fields, or something needs what would
            go: each of them named.
    """
    require_province(actor)
    return _plan(session, import_id, snapshot.take(session))


@collector.held()
def undo_import(
    session: WriteSession, actor: Actor, import_id: int, source: str, sha256: str = ""
) -> ImportPlan:
    """Take an import back in the caller's transaction; with `sha256` only by exactly that plan.

    What was enrolled of host keys stays.

    Raises:
        DeniedError, NotFoundError, ConflictError, InvalidInputError: as for `plan_undo`.
    """
    require_province(actor)
    lock(session)
    base = snapshot.take(session)
    plan = _plan(session, import_id, base)
    if sha256 and plan.sha256 != sha256:
        raise ConflictError(
            "the inventory has changed since this was planned",
            fix="Plan the undoing again and look at the differences.",
        )
    if not plan.is_empty:
        golive.require(session, plan)
        writing.write(session, plan, base, actor.name)
    announce(session, actor, plan, source, undoes=import_id)
    return plan


def _require_sight(actor: Actor) -> None:
    if actor.acting(READ).scope_ids is not None:
        raise DeniedError(f"{actor.name} may not see what was imported for the whole province")


def _plan(session: AnySession, import_id: int, base: Snapshot) -> ImportPlan:
    row = session.get(Import, import_id)
    if row is None:
        raise NotFoundError(f"there is no import {import_id}")
    if session.scalar(select(Import.id).where(Import.undoes_id == import_id)) is not None:
        raise ConflictError(f"import {import_id} was taken back already")
    where = f"undo of {row.filename}"[:255]
    plan, problems = undoing.inverse(undoing.unpack(row.inverse), base, where)
    problems = problems or _refused(session, plan, base)
    if problems:
        raise InvalidInputError(problems)
    return plan


def _refused(session: AnySession, plan: ImportPlan, base: Snapshot) -> list[Problem]:
    removed = {row.ref for row in plan.removed}
    return [
        *pruning.referrers(plan.records, base, removed),
        *removing.referred(session, removed, base, plan.filename),
        *checks.check(plan.records, pruning.without(base, removed)),
    ]
