"""What a workbook says without a column: by a name's first word, a heading, a reference."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hatang.errors import Problem
from inventory.sheets.drafts import Draft
from inventory.sheets.findings import Column, Understood
from inventory.sheets.forms import forms, sections
from inventory.sheets.naming import of_kind
from inventory.sheets.words import key, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.choices import ElementKind
    from inventory.sheets.drafts import Notebook
    from inventory.sheets.naming import Directory
    from inventory.sheets.words import FieldWords


def derive_choices(drafts: list[Draft], notebook: Notebook) -> None:
    """Fill choices that no column gives from the name a row has, or the heading it stands under."""
    for draft in drafts:
        for path, words in _derivable(draft.table.section):
            if path in draft.values or draft.has_column(path):
                continue
            found = _by_name(draft, words)
            if found is not None:
                draft.values[path] = found
                notebook.repair(draft, words.source, draft.values[words.source], found,
                                f"its {path}, by its first word")  # fmt: skip
                continue
            found = _by_group(draft, words)
            if found is not None:
                draft.values[path] = found
                notebook.repair(draft, path, draft.group, found, "by the heading over the row")


def derive_through(drafts: list[Draft], directory: Directory, notebook: Notebook) -> None:
    """Fill choices from the kind of what a row's reference names."""
    kinds = _kinds_of(drafts)
    for draft in drafts:
        for path, words in _derivable(draft.table.section):
            if path in draft.values or draft.has_column(path):
                continue
            for name, by_kind in words.through.items():
                target = draft.kind.row.references[name]
                named = str(draft.values.get(name))
                held = directory.known.get(target, {}).get(named, {}).get("kind")
                found = by_kind.get(str(kinds.get((target, named), held)))
                if found is not None:
                    draft.values[path] = found
                    notebook.repair(draft, name, named, found, f"its {path}, by the {target}'s")


def bring_along(drafts: list[Draft], directory: Directory, notebook: Notebook) -> list[Draft]:
    """Return rows for what others name and describe: a circuit tells its provider's hotline."""
    brought: dict[tuple[ElementKind, str], Draft] = {}
    bringing = {id(table): _bringing(table) for table in _tables(drafts)}
    described = {target for ways in bringing.values() for _, target, _ in ways}
    own = {
        (draft.kind.kind, str(draft.values.get(draft.kind.single_key or ""))): draft
        for draft in drafts
        if draft.kind.kind in described
    }
    for draft in drafts:
        for name, target, parts in bringing[id(draft.table)]:
            given = {
                part: draft.values.pop(path) for part, path in parts.items() if path in draft.values
            }
            named = draft.values.get(name)
            if named is None or name in draft.faulty:
                continue
            is_new = draft.words(name).brings and not directory.holds(target, str(named))
            if not given and not is_new:
                continue
            place = (target, str(named))
            if place not in own and place not in brought:
                brought[place] = _new(draft, target, str(named))
            holder = own.get(place) or brought[place]
            for part, value in given.items():
                _tell(draft, holder, (parts[part], part), value, notebook)
    return list(brought.values())


def _tables(drafts: list[Draft]) -> Iterable[Understood]:
    return {id(draft.table): draft.table for draft in drafts}.values()


def _bringing(table: Understood) -> list[tuple[str, ElementKind, dict[str, str]]]:
    """Return the references of a table that bring something along, each with its part's columns."""
    own, words = forms(table.section), vocabulary().sections[table.section].fields
    found = []
    for name, target in sections()[table.section].row.references.items():
        parts = {
            column.path.partition(".")[2]: column.path
            for column in table.columns
            if column.path.startswith(f"{name}.") and column.path not in own
        }
        if parts or words[name].brings:
            found.append((name, target, parts))
    return found


@cache
def _derivable(section: str) -> tuple[tuple[str, FieldWords], ...]:
    """Return the fields of a section that may be said without a column."""
    fields = vocabulary().sections[section].fields.items()
    return tuple((path, one) for path, one in fields if one.source or one.groups or one.through)


def _by_name(draft: Draft, words: FieldWords) -> str | None:
    text = draft.values.get(words.source) if words.source else None
    if not isinstance(text, str):
        return None
    name = _without_prefixes(key(text))
    best, length = None, 0
    for choice, spelt in words.words.items():
        for word in map(key, spelt):
            if (name == word or name.startswith(f"{word} ")) and len(word) > length:
                best, length = choice, len(word)
    return best


def _without_prefixes(name: str) -> str:
    for before in vocabulary().before_names:
        if name.startswith(f"{before} "):
            return _without_prefixes(name.removeprefix(before).strip())
    return name


def _by_group(draft: Draft, words: FieldWords) -> str | None:
    heading = key(draft.group)
    if not heading:
        return None
    return next(
        (choice for choice, spelt in words.groups.items() if heading in map(key, spelt)), None
    )


def _kinds_of(drafts: list[Draft]) -> dict[tuple[ElementKind, str], Any]:
    return {
        (draft.kind.kind, str(draft.values[draft.kind.single_key])): draft.values.get("kind")
        for draft in drafts
        if draft.kind.single_key in draft.values
    }


def _new(draft: Draft, target: ElementKind, named: str) -> Draft:
    kind = of_kind(target)
    columns = tuple(
        Column(one.index, one.header, one.path.partition(".")[2] or str(kind.single_key))
        for one in draft.table.columns
        if kind.kind in {draft.kind.row.references.get(one.path.partition(".")[0])}
    )
    table = Understood(draft.table.sheet, kind.section, draft.table.header_rows, columns)
    return Draft(table, draft.number, values={str(kind.single_key): named})


def _tell(
    draft: Draft, holder: Draft, paths: tuple[str, str], value: object, notebook: Notebook
) -> None:
    path, part = paths
    held = holder.values.setdefault(part, value)
    if held != value:
        message = f"is told otherwise on line {holder.number}: {held}"
        notebook.problem(draft, path, value, message, "Keep one of them.")


def complete(drafts: list[Draft], directory: Directory, notebook: Notebook) -> None:
    """Give rows of known elements the required fields their table lacks, as the inventory has them.

    A table without a column for what its new rows must have is told once, not at each row.
    """
    told: set[tuple[int, str]] = set()
    lacking = {id(table): _lacking(table) for table in _tables(drafts)}
    for draft in drafts:
        for path in lacking[id(draft.table)]:
            if path in draft.values:
                continue
            identifier = draft.values.get(draft.kind.single_key or "")
            known = directory.known.get(draft.kind.kind, {}).get(str(identifier), {})
            if path in known:
                draft.values[path] = known[path]
                continue
            draft.faulty.add(path)
            # What would have been told by a faulty cell is not missed as well.
            if draft.words(path).source in draft.faulty:
                continue
            if (id(draft.table), path) not in told:
                told.add((id(draft.table), path))
                _tell_missing(draft, path, notebook)


def _lacking(table: Understood) -> list[str]:
    """Return the required fields that a table has no column for."""
    every = forms(table.section).items()
    return [path for path, form in every if form.required and table.column(path) is None]


def _tell_missing(draft: Draft, path: str, notebook: Notebook) -> None:
    words = draft.words(path)
    message = f"has no column, and row {draft.number} is of a new {draft.kind.kind}"
    fix = f"Add a column headed “{words.vi}” or “{words.en}”."
    where, sheet = notebook.reading.where, draft.table.sheet or None
    line = draft.table.header_rows[0]
    notebook.reading.problems.append(Problem(where, path, "", message, fix, line, sheet))
