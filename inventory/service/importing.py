"""Import in two steps: a plan that shows everything, then exactly that plan in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text as sql

from hatang import audit, events
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, Problem
from inventory import checks, planning, records, snapshot, writing, yamlfile
from inventory.choices import ElementKind

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.planning import ImportPlan
    from inventory.snapshot import Snapshot

WRITE: Final = Permission("inventory:write")
CHANGED: Final = "inventory.changed"
# An event names the devices it is about up to this many; beyond, readers reload everything.
NAMED_DEVICES: Final = 1000
# Any constant unlike other advisory locks of hatang's.
_IMPORT_LOCK: Final = 0x6861_7461_6E67_0002


def plan_import(
    session: AnySession, actor: Actor, source: str | Path, filename: str = "", *, lab: bool = False
) -> ImportPlan:
    """Return what importing `source` (a file's path, or its text) would do; writes nothing.

    What the file does not speak of stays: a row that is absent never deletes, a field that is
    absent never clears. Devices on loopback addresses are refused unless `lab`, the setting.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: with every problem of the file at once.
    """
    _require_province(actor)
    where = filename or (source.name if isinstance(source, Path) else "import.yaml")
    found = records.collect(yamlfile.read(_text(source, where), where), where)
    found.allow_local = lab
    return _plan(found, snapshot.take(session))


def apply_import(session: WriteSession, actor: Actor, plan: ImportPlan, source: str) -> ImportPlan:
    """Write `plan` in the caller's transaction; `source` says where the file came from.

    Raises:
        DeniedError: as for the plan.
        ConflictError: what the plan would overwrite is no longer what it was made from.
    """
    _require_province(actor)
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})
    base = snapshot.take(session)
    if _plan(plan.records, base).sha256 != plan.sha256:
        raise ConflictError(
            "the inventory has changed since this import was planned",
            fix="Plan the import again and look at the new differences.",
        )
    if not plan.is_empty:
        writing.write(session, plan, base, actor.name)
        _announce(session, actor, plan, source)
    return plan


def _text(source: str | Path, where: str) -> str:
    if isinstance(source, str):
        return source
    if source.stat().st_size > yamlfile.MAX_BYTES:
        raise InvalidInputError([Problem(where, "file", "", "is too large", "Split it.")])
    try:
        return source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(where, "file", "", "is no UTF-8 text", "Save it as UTF-8.")
        raise InvalidInputError([problem]) from error


def _plan(found: records.Records, base: Snapshot) -> ImportPlan:
    problems = sorted(
        [*found.problems, *checks.check(found, base)], key=lambda one: (one.line or 0, one.field)
    )
    if problems:
        raise InvalidInputError(problems)
    return planning.plan(found, base)


def _require_province(actor: Actor) -> None:
    # A file speaks of any unit, and its plan shows values of any: a part of the tree is not enough.
    if actor.acting(WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not import for the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def _announce(session: WriteSession, actor: Actor, plan: ImportPlan, source: str) -> None:
    names = sorted(
        row.key for row in (*plan.created, *plan.changed) if row.kind is ElementKind.DEVICE
    )
    detail = {"file": plan.filename, "source": source, "sha256": plan.sha256, **plan.counts()}
    audit.record(session, actor, "inventory.import", f"inventory/{plan.filename}", detail)
    devices = names if len(names) <= NAMED_DEVICES else None
    events.publish(session, CHANGED, plan.sha256, {**detail, "devices": devices})
