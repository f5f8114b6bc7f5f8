"""Import in two steps: a plan that shows everything, then exactly that plan in one transaction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text as sql

from hatang import audit, events
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, Problem
from inventory import checks, planning, records, snapshot, writing, yamlfile
from inventory.choices import ElementKind
from inventory.sheets.book import Book
from inventory.sheets.content import Format, format_of
from inventory.sheets.opening import open_book
from inventory.sheets.reading import settle, understand

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


def open_source(source: Path | bytes, filename: str = "") -> str | Book:
    """Return an inventory file's text, or its workbook; what it is its content tells.

    Reading a workbook takes seconds: it is done before a transaction begins.

    Raises:
        InvalidInputError: it cannot be read as YAML, CSV, XLSX, XLS or ODS, or not within limits.
    """
    where = filename or (source.name if isinstance(source, Path) else "import")
    data = source if isinstance(source, bytes) else _bytes(source, where)
    if format_of(data, where) is not Format.YAML:
        return open_book(data, where)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(where, "file", "", "is no UTF-8 text", "Save it as UTF-8.")
        raise InvalidInputError([problem]) from error


def plan_import(
    session: AnySession,
    actor: Actor,
    source: str | Path | Book,
    filename: str = "",
    *,
    lab: bool = False,
    hidden: bool = False,
) -> ImportPlan:
    """Return what importing `source` (a path, a text, a workbook) would do; writes nothing.

    What the file does not speak of stays: a row that is absent never deletes, a field that is
    absent never clears. Devices on loopback addresses are refused unless `lab`, the setting.
    Hidden parts of a workbook are left out unless `hidden`.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: with every problem of the file at once.
    """
    _require_province(actor)
    where = filename or (source.name if isinstance(source, Path) else "import.yaml")
    opened = open_source(source, where) if isinstance(source, Path) else source
    base = snapshot.take(session)
    if isinstance(opened, Book):
        return _plan_book(opened, base, lab=lab, hidden=hidden)
    found = records.collect(yamlfile.read(opened, where), where)
    found.allow_local = lab
    return _plan(found, base)


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


def _bytes(source: Path, where: str) -> bytes:
    if source.stat().st_size > yamlfile.MAX_BYTES:
        raise InvalidInputError([Problem(where, "file", "", "is too large", "Split it.")])
    return source.read_bytes()


def _plan_book(book: Book, base: Snapshot, *, lab: bool, hidden: bool) -> ImportPlan:
    reading = understand(book, base.fields, hidden=hidden)
    found = records.collect(reading.tree, book.name)
    found.allow_local = lab
    problems = settle(reading, [*found.problems, *checks.check(found, base)])
    if problems:
        raise InvalidInputError(problems)
    return replace(planning.plan(found, base), reading=reading)


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
