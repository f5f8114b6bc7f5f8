"""The inventory as files of ours: YAML, workbooks, CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.errors import DeniedError, InvalidInputError, Problem
from inventory import snapshot
from inventory.kinds.registry import KINDS
from inventory.records import suggestion
from inventory.schemas import VERSION
from inventory.service.importing import WRITE
from inventory.service.reading import READ
from inventory.sheets import filing
from inventory.showing import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.kinds.kind import Kind
    from inventory.records import Fields
    from inventory.snapshot import Snapshot

FORMS: Final = ("xlsx", "csv", "yaml")
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def export_yaml(session: AnySession, actor: Actor) -> str:
    """Return the whole inventory as one file that `plan_import` finds unchanged.

    Credentials appear by name only, because no more is kept here, and to who may import only: a
    file that does not give them imports unchanged too.

    Raises:
        DeniedError: the actor does not reach the whole province.
    """
    base = _whole(session, actor)
    document: dict[str, Any] = {"version": VERSION}
    for kind in KINDS.values():
        if kind.nested_in is not None:
            continue
        inside = {name: _inside(KINDS[inner], base) for name, inner in kind.nested.items()}
        rows = [
            _row(kind, key, base)
            | {name: rows[key] for name, rows in inside.items() if key in rows}
            for key in sorted(base.fields[kind.kind])
        ]
        if rows:
            document[kind.section] = rows
    text = yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100)
    return str(text)


def export_workbook(
    session: AnySession, actor: Actor, language: str, only: Collection[str] = ()
) -> bytes:
    """Return the inventory, or the sections `only`, as an XLSX that imports unchanged.

    Raises:
        DeniedError: as for the YAML.
        InvalidInputError: no section has this name.
    """
    return filing.write_workbook(_tables(_whole(session, actor), only), language)


def export_csv(session: AnySession, actor: Actor, language: str, section: str) -> bytes:
    """Return one section of the inventory as CSV that imports unchanged.

    Raises:
        DeniedError, InvalidInputError: as for the workbook.
    """
    rows = _tables(_whole(session, actor), [section])[section]
    return filing.write_csv(section, rows, language)


def write_template(session: AnySession, actor: Actor, language: str) -> bytes:
    """Return an XLSX to fill in, which offers the codes of what is known already.

    Raises:
        DeniedError: as for the YAML.
    """
    return filing.write_template(_whole(session, actor).fields, language)


def export(
    session: AnySession, actor: Actor, form: str, language: str, only: Collection[str] = ()
) -> bytes:
    """Return the inventory as a file of the form xlsx, csv (of one section) or yaml (whole).

    Raises:
        DeniedError: as for the YAML.
        InvalidInputError: no such form or section, or not of so many sections.
    """
    check_form(form, only)
    if form == "xlsx":
        return export_workbook(session, actor, language, only)
    if form == "csv":
        return export_csv(session, actor, language, *only)
    return export_yaml(session, actor).encode()


def check_form(form: str, only: Collection[str]) -> None:
    """Raise InvalidInputError unless `only` these sections can be written in a form."""
    problem: tuple[str, str, str, str] | None = None
    if form not in FORMS:
        problem = ("form", form, "is no form of it", f"Use one of: {', '.join(FORMS)}.")
    elif form == "csv" and len(only) != 1:
        problem = ("section", "", "a CSV holds one section", "Name one section.")
    elif form == "yaml" and only:
        problem = ("section", ", ".join(only), "YAML holds every section", "Name none.")
    if problem is not None:
        raise InvalidInputError([Problem("export", *problem)])


def _whole(session: AnySession, actor: Actor) -> Snapshot:
    if actor.acting(READ).scope_ids is not None:
        raise DeniedError(f"{actor.name} may not export the whole province")
    base = snapshot.take(session)
    if not actor.may(WRITE):
        for rows in base.fields.values():
            for fields in rows.values():
                for name in UNTOLD & fields.keys():
                    del fields[name]
    return base


def _tables(base: Snapshot, only: Collection[str]) -> dict[str, list[Fields]]:
    known = {kind.section: kind for kind in KINDS.values()}
    unknown = [name for name in only if name not in known]
    if unknown:
        fix = f"{suggestion(unknown[0], known)} Known are: {', '.join(known)}.".strip()
        raise InvalidInputError(
            [Problem("export", "section", name, "is no section", fix) for name in unknown]
        )
    return {
        name: [_row(kind, key, base) for key in sorted(base.fields[kind.kind])]
        for name, kind in known.items()
        if not only or name in only
    }


def _row(kind: Kind, key: str, base: Snapshot) -> Fields:
    held = base.fields[kind.kind][key]
    fields = {} if kind.single_key is None else {kind.single_key: key}
    fields |= {name: value for name, value in held.items() if _says(value)}
    for name, composite in kind.composites.items():
        if name in fields:
            of_target = base.fields[composite.target][fields.pop(name)]
            fields |= {part: of_target[part] for part in composite.names}
    order = [name for name in kind.row.model_fields if name in fields]
    return {name: fields[name] for name in order}


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _inside(kind: Kind, base: Snapshot) -> dict[str, list[Fields]]:
    """Return the rows of a kind that stand inside rows of another, by the key of that one."""
    owner = kind.row.key_fields[0]
    rows: dict[str, list[Fields]] = {}
    for key in base.fields[kind.kind]:
        row = _row(kind, key, base)
        rows.setdefault(row.pop(owner), []).append(row)
    return rows
