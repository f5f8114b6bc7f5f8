"""Import in two steps: a plan that shows everything, then exactly that plan in one transaction."""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text as sql

from hatang import audit, clock, events, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, Problem
from inventory import (
    checks,
    collector,
    golive,
    planning,
    pruning,
    records,
    removing,
    selection,
    snapshot,
    undoing,
    writing,
    yamlchild,
    yamlfile,
)
from inventory.choices import ElementKind
from inventory.models import Import
from inventory.planning import ALL, RefusedImportError
from inventory.sheets.book import Book
from inventory.sheets.content import Format, format_of
from inventory.sheets.findings import HIDDEN
from inventory.sheets.opening import open_book
from inventory.sheets.reading import settle, understand
from inventory.sources.document import Document
from inventory.yamlfile import Tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.planning import ImportPlan, Prune, Ref, Terms
    from inventory.sheets.findings import Reading
    from inventory.snapshot import Snapshot

WRITE: Final = Permission("inventory:write")
CHANGED: Final = "inventory.changed"
# An event names the devices it is about up to this many; beyond, readers reload everything.
NAMED_DEVICES: Final = 1000
# A YAML of up to this size is read in less time than a process takes to start.
_READ_HERE_BYTES: Final = 1024 * 1024
# Any constant unlike other advisory locks of hatang's.
_IMPORT_LOCK: Final = 0x6861_7461_6E67_0002


def open_source(source: Path | bytes, filename: str = "") -> str | Book | Tree:
    """Return an inventory file's text, or its workbook; what it is its content tells.

    Reading a workbook or a large YAML takes seconds, and memory that a hostile one would like to
    have: it is done in a limited process, and before a transaction begins.

    Raises:
        InvalidInputError: it cannot be read as YAML, CSV, XLSX, XLS or ODS, or not within limits.
    """
    where = filename or (source.name if isinstance(source, Path) else "import")
    data = source if isinstance(source, bytes) else _bytes(source, where)
    if format_of(data, where) is not Format.YAML:
        return replace(open_book(data, where), sha256=hashlib.sha256(data).hexdigest())
    try:
        text = data.decode("utf-8-sig")
        if len(data) <= _READ_HERE_BYTES:
            return text
        del text
        tree = yamlchild.read_apart(data.removeprefix(BOM_UTF8), where)
        return replace(tree, sha256=hashlib.sha256(data.removeprefix(BOM_UTF8)).hexdigest())
    except UnicodeDecodeError as error:
        problem = Problem(where, "file", "", "is no UTF-8 text", "Save it as UTF-8.")
        raise InvalidInputError([problem]) from error


@collector.held()
def plan_import(
    session: AnySession,
    actor: Actor,
    source: str | Path | Book | Tree | Document,
    filename: str = "",
    *,
    lab: bool = False,
    terms: Terms = ALL,
) -> ImportPlan:
    """Return what importing `source` would do; writes nothing.

    It is a path, a text, a workbook, or what was read from another tool.

    What the file does not speak of stays: a row that is absent never deletes, a field that is
    absent never clears; only `terms.prune` says within which unit absent elements go. With
    `terms.only` nothing else of the file is taken, but for what the chosen rows refer to and
    the inventory does not have. Devices on loopback addresses are refused unless `lab`, the
    setting.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: with every problem of the file at once.
    """
    require_province(actor)
    where = filename or (source.name if isinstance(source, Path) else "import.yaml")
    opened = open_source(source, where) if isinstance(source, Path) else source
    base = snapshot.take(session)
    reading = None
    if isinstance(opened, Document):
        return _plan_document(session, opened, base, terms, lab=lab)
    if isinstance(opened, Book):
        reading = understand(opened, base.fields, hidden=terms.hidden)
        if terms.prune is not None:
            _require_nothing_hidden(reading, opened.name)
        found = records.collect(reading.tree, opened.name)
        sha256 = opened.sha256
    elif isinstance(opened, Tree):
        found = records.collect(opened, where)
        sha256 = opened.sha256
    else:
        found = records.collect(yamlfile.read(opened, where), where)
        sha256 = hashlib.sha256(opened.encode()).hexdigest()
    found.allow_local = lab
    plan = _plan(session, found, base, terms, reading)
    return replace(plan, reading=reading, file_sha256=sha256)


@collector.held()
def narrow_import(
    session: AnySession, actor: Actor, plan: ImportPlan, only: Collection[ElementKind | Ref]
) -> ImportPlan:
    """Return what importing only the chosen kinds or rows of the planned file would do.

    Raises:
        DeniedError, InvalidInputError: as for the plan.
    """
    require_province(actor)
    terms = replace(plan.terms, only=frozenset(only))
    return _again(session, plan, terms, snapshot.take(session))


@collector.held()
def apply_import(session: WriteSession, actor: Actor, plan: ImportPlan, source: str) -> ImportPlan:
    """Write `plan` in the caller's transaction; `source` says where the file came from.

    Raises:
        DeniedError: as for the plan.
        ConflictError: what the plan would overwrite is no longer what it was made from.
    """
    require_province(actor)
    lock(session)
    base = snapshot.take(session)
    if _again(session, plan, plan.terms, base).sha256 != plan.sha256:
        raise ConflictError(
            "the inventory has changed since this import was planned",
            fix="Plan the import again and look at the new differences.",
        )
    if not plan.is_empty:
        golive.require(session, plan)
        writing.write(session, plan, base, actor.name)
        announce(session, actor, plan, source)
    return plan


def lock(session: WriteSession) -> None:
    """Let one import at a time compare and write."""
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})


def _bytes(source: Path, where: str) -> bytes:
    if source.stat().st_size > yamlfile.MAX_BYTES:
        raise InvalidInputError([Problem(where, "file", "", "is too large", "Split it.")])
    return source.read_bytes()


def _plan_document(
    session: AnySession, source: Document, base: Snapshot, terms: Terms, *, lab: bool
) -> ImportPlan:
    found = records.collect(source.tree, source.name)
    found.allow_local = lab
    try:
        plan = _plan(session, found, base, terms, None)
    except InvalidInputError as error:
        raise InvalidInputError(source.explained(error.problems)) from error
    return replace(plan, file_sha256=source.sha256)


def _require_nothing_hidden(reading: Reading, where: str) -> None:
    fix = "Take the hidden parts too, or show them: what is hidden is not absent."
    problems = [
        Problem(where, one.what, one.place, one.why, fix, sheet=one.sheet)
        for one in reading.skipped
        if one.why == HIDDEN
    ]
    if problems:
        raise InvalidInputError(problems)


def _again(session: AnySession, plan: ImportPlan, terms: Terms, base: Snapshot) -> ImportPlan:
    again = _plan(session, plan.records, base, terms, None)
    return replace(again, reading=plan.reading, file_sha256=plan.file_sha256)


def _plan(
    session: AnySession,
    found: records.Records,
    base: Snapshot,
    terms: Terms,
    reading: Reading | None,
) -> ImportPlan:
    chosen = selection.select(found, base, terms.only) if terms.only else None
    taken = found if chosen is None else chosen.records
    problems = [*taken.problems, *(_unknown(found, chosen) if chosen else ())]
    removed: set[Ref] = set()
    if terms.prune is not None:
        # A faulty row says nothing of what is absent, even where it is not taken itself.
        problems += [one for one in found.problems if one not in problems]
        removed, refused = _pruned(session, found, taken, base, terms.prune)
        problems += refused
    beside = pruning.without(base, removed) if removed else base
    problems += checks.check(taken, beside)
    if reading is not None:
        problems = settle(reading, problems)
    if problems:
        raise RefusedImportError(sorted(problems, key=_place), _offered(found))
    plan = planning.plan(taken, base, removed)
    warnings = tuple(sorted(checks.warnings(taken, beside), key=_place))
    plan = replace(plan, records=found, terms=terms, warnings=warnings)
    if chosen is None:
        return plan
    return replace(plan, left_out=chosen.left_out, dragged=chosen.dragged)


def _offered(found: records.Records) -> dict[ElementKind, tuple[str, ...]]:
    rows = {
        kind: tuple(key for key, record in kept.items() if not record.is_implied)
        for kind, kept in found.found.items()
    }
    return {kind: keys for kind, keys in rows.items() if keys}


def _place(problem: Problem) -> tuple[str, int, str]:
    return (problem.sheet or "", problem.line or 0, problem.field)


def _unknown(found: records.Records, chosen: selection.Selection) -> Iterator[Problem]:
    for ref in chosen.unknown:
        known = records.suggestion(ref.key, found.of(ref.kind))
        fix = known or f"The file has no such {ref.kind}."
        yield Problem(found.where, "only", f"{ref.kind}:{ref.key}", "is not in the file", fix)


def _pruned(
    session: AnySession,
    found: records.Records,
    taken: records.Records,
    base: Snapshot,
    prune: Prune,
) -> tuple[set[Ref], list[Problem]]:
    unit = base.scope_ids[ElementKind.UNIT].get(prune.scope)
    if unit is None:
        fix = records.suggestion(prune.scope, base.scope_ids[ElementKind.UNIT])
        fix = fix or "Give the code of the unit within which may be removed."
        return set(), [Problem(found.where, "scope", prune.scope, "names no unit", fix)]
    removed = pruning.absent(found, base, prune, scope.descendants(session, unit))
    problems = [
        *pruning.referrers(taken, base, removed),
        *removing.referred(session, removed, base, found.where),
    ]
    return removed, problems


def require_province(actor: Actor) -> None:
    """Refuse who may not write the whole province."""
    # A file speaks of any unit, and its plan shows values of any: a part of the tree is not enough.
    if actor.acting(WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not import for the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def announce(
    session: WriteSession, actor: Actor, plan: ImportPlan, source: str, undoes: int | None = None
) -> None:
    """Write down that `plan` was applied: for the audit, for readers, and for undoing it."""
    verb = "undo" if undoes else "import"
    row = Import(
        verb=verb,
        applied_at=clock.now(),
        applied_by=actor.name,
        filename=plan.filename,
        source=source,
        file_sha256=plan.file_sha256 or None,
        plan_sha256=plan.sha256,
        counts=plan.counts(),
        inverse=undoing.pack(plan),
        undoes_id=undoes,
    )
    session.add(row)
    session.flush()
    touched = (*plan.created, *plan.changed, *plan.removed)
    names = sorted(one.key for one in touched if one.kind is ElementKind.DEVICE)
    detail = {
        "import": row.id,
        "file": plan.filename,
        "source": source,
        "sha256": plan.sha256,
        **plan.counts(),
    }
    audit.record(session, actor, f"inventory.{verb}", f"inventory/{plan.filename}", detail)
    devices = names if len(names) <= NAMED_DEVICES else None
    events.publish(session, CHANGED, plan.sha256, {**detail, "devices": devices})
