"""Gives rows their keys and turns the names they refer by into keys.

An office writes "Xã Tân Lập" where a file says `xa-01`. A name stands for a key when exactly one
element is called so, here or in the inventory; each such step is written down.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from inventory.choices import ElementKind
from inventory.sheets.forms import sections
from inventory.sheets.values import code_of
from inventory.sheets.words import key, vocabulary
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.kinds.kind import Kind
    from inventory.sheets.drafts import Draft, Known, Notebook

_SHOWN: Final = 5  # candidates named in a problem
_MEANT: Final = "Did you mean"
_APART: Final = "~"  # keeps shortened names apart from whole ones


class Answer(NamedTuple):
    """The key a text stands for and why; without one, what is wrong and what to do."""

    key: str | None
    why: str = ""
    fix: str = ""


class Directory:
    """All elements by key and by name, those of the inventory and those of the workbook."""

    def __init__(self, known: Known, drafts: Iterable[Draft]) -> None:
        self.known = known
        # The inner dicts are sets that keep their order: thousands may share a name.
        self._keys: dict[ElementKind, dict[str, dict[str, None]]] = {}
        self._names: dict[ElementKind, dict[str, dict[str, None]]] = {}
        self._units: dict[str, dict[str, None]] = {}
        self._exact: dict[ElementKind, set[str]] = {}
        for kind in known.keys() & _called_by_name():
            for one, fields in known[kind].items():
                self.add(kind, one, fields)
        for draft in drafts:
            self.add_draft(draft)

    def add_draft(self, draft: Draft) -> None:
        """Add a row that has its key."""
        single = draft.kind.single_key
        if single is not None and single in draft.values:
            self.add(draft.kind.kind, str(draft.values[single]), draft.values)

    def add(self, kind: ElementKind, one: str, fields: Any) -> None:  # noqa: ANN401 RUF100 - a row
        """Add an element under its key and its name."""
        if one not in self._exact.setdefault(kind, set()):
            self._exact[kind].add(one)
            self._keys.setdefault(kind, {}).setdefault(_bare(one), {})[one] = None
        name = fields.get("name")
        if isinstance(name, str):
            for text in {fold(name), _plain(name)}:
                self._names.setdefault(kind, {}).setdefault(text, {})[one] = None
        if kind is ElementKind.SITE and isinstance(fields.get("unit"), str):
            self._units.setdefault(fields["unit"], {})[one] = None

    def holds(self, kind: ElementKind, one: str) -> bool:
        """Whether an element has exactly this key."""
        return one in self._exact.get(kind, ())

    def keyed(self, kind: ElementKind, text: str) -> list[str]:
        """Return the keys that `text` spells but for case, marks and blanks."""
        return list(self._keys.get(kind, {}).get(_bare(text), ()))

    def called(self, kind: ElementKind, name: str) -> list[str]:
        """Return the keys of those called `name`, or nearly so when nobody is exactly."""
        own = self._names.get(kind, {})
        return list(own.get(fold(name)) or own.get(_plain(name)) or ())

    def sites_of(self, unit: str) -> list[str]:
        """Return the sites of a unit."""
        return list(self._units.get(unit, ()))

    def like(self, kind: ElementKind, text: str) -> str:
        """Return "Did you mean …?" when some key or name looks like `text`."""
        words = {**{fold(one): one for one in self._exact.get(kind, ())}, **{
            name: next(iter(keys)) for name, keys in self._names.get(kind, {}).items()
            if not name.startswith(_APART)}}  # fmt: skip
        close = get_close_matches(fold(text), list(words), n=1, cutoff=0.75)
        return f"{_MEANT} {words[close[0]]!r}?" if close else ""


def give_keys(drafts: list[Draft], known: Known, notebook: Notebook) -> Directory:
    """Give each row its key, from its name where the table has no column for it."""
    directory = Directory(known, ())
    for draft in drafts:
        single = draft.kind.single_key
        if single is None or single in draft.faulty:
            continue
        given = draft.values.get(single)
        if given is not None:
            _match_case(draft, single, str(given), directory, notebook)
        elif draft.name and not draft.has_column(single):
            _make_key(draft, single, directory, notebook)
    # Names of the workbook count only now: a row must not find its key in a row below it.
    for draft in drafts:
        directory.add_draft(draft)
    return directory


def _match_case(
    draft: Draft, single: str, given: str, directory: Directory, notebook: Notebook
) -> None:
    kind = draft.kind.kind
    close = [] if directory.holds(kind, given) else directory.keyed(kind, given)
    if len(close) == 1:
        draft.values[single] = close[0]
        notebook.repair(draft, single, given, close[0], "written as the inventory writes it")


def _make_key(draft: Draft, single: str, directory: Directory, notebook: Notebook) -> None:
    kind = draft.kind.kind
    called = [one for one in directory.known.get(kind, {}) if one in
              directory.called(kind, draft.name)]  # fmt: skip
    if len(called) > 1:
        _ambiguous(draft, "name", draft.name, called, notebook)
        return
    made = called[0] if called else code_of(fold(draft.name)).lower()
    if not made:
        notebook.problem(draft, "name", draft.name, "gives no code", "Add a column for the code.")
        return
    if not called and directory.holds(kind, made):
        message = f"has no code, and {made} belongs to another {kind}"
        notebook.problem(draft, "name", draft.name, message, "Add a column for the code.")
        return
    draft.values = {single: made, **draft.values}
    why = "the code of who is called so" if called else "a code made of the name"
    notebook.repair(draft, "name", draft.name, made, why)


def resolve(
    drafts: list[Draft], directory: Directory, notebook: Notebook, brings: set[tuple[str, str]]
) -> None:
    """Turn names that rows refer by into keys; fields in `brings` may name somebody new."""
    answers: dict[tuple[ElementKind, str], Answer] = {}
    # Sites first: others may name the only site of a unit.
    sites = of_kind(ElementKind.SITE).section
    for draft in sorted(drafts, key=lambda one: one.table.section != sites):
        for name, (target, is_brought) in references(draft.table.section).items():
            value = draft.values.get(name)
            if value is None or name in draft.faulty:
                continue
            found = []
            for text in value if isinstance(value, list) else [str(value)]:
                if (target, text) not in answers:
                    answers[target, text] = _look_up(target, text, directory)
                answer = answers[target, text]
                is_new = is_brought or (draft.table.section, name) in brings
                if answer.key is None and is_new and not answer.fix.startswith(_MEANT):
                    answer = Answer(text)
                found.append(_take(draft, name, text, answer, notebook))
            draft.values[name] = found if isinstance(value, list) else found[0]
        directory.add_draft(draft)


@cache
def references(section: str) -> dict[str, tuple[ElementKind, bool]]:
    """Return what fields name, and whether an unknown one is simply brought along."""
    kind = sections()[section]
    brought = dict(kind.implied) | {
        name: of_kind(composite.target).implied[name]
        for composite in kind.composites.values()
        for name in composite.names
        if name in of_kind(composite.target).implied
    }
    every = {name: (target, True) for name, target in brought.items()} | {
        name: (target, False) for name, target in kind.row.references.items()
    }
    # What has several fields for a key is named by that key, never by a name.
    return {name: one for name, one in every.items() if of_kind(one[0]).single_key is not None}


@cache
def _called_by_name() -> frozenset[ElementKind]:
    """Return the kinds with one field for a key: only these are named by a key or a name."""
    return frozenset(kind.kind for kind in sections().values() if kind.single_key is not None)


@cache
def of_kind(target: ElementKind) -> Kind:
    """Return the kind an element is of."""
    return next(kind for kind in sections().values() if kind.kind is target)


def _look_up(target: ElementKind, text: str, directory: Directory) -> Answer:
    if directory.holds(target, text):
        return Answer(text)
    for keys, why in (
        (directory.keyed(target, text), "written as the inventory writes it"),
        (directory.called(target, text), "the code of who is called so"),
    ):
        if len(keys) == 1:
            return Answer(keys[0], why)
        if keys:
            return Answer(None, _several(keys), "Write its code.")
    found = _site_of_unit(text, directory) if target is ElementKind.SITE else None
    fix = directory.like(target, text) or f"Add the {target} first."
    return found or Answer(None, f"names no {target}", fix)


def _site_of_unit(text: str, directory: Directory) -> Answer | None:
    unit = _look_up(ElementKind.UNIT, text, directory).key
    sites = directory.sites_of(unit) if unit is not None else []
    if not sites:
        return None
    if len(sites) == 1:
        return Answer(sites[0], f"the only site of {unit}")
    listed = ", ".join(sites[:_SHOWN])
    return Answer(None, f"is a unit with several sites: {listed}", "Write the site.")


def _take(draft: Draft, name: str, text: str, answer: Answer, notebook: Notebook) -> str:
    if answer.key is None:
        notebook.problem(draft, name, text, answer.why, answer.fix)
        return text
    if answer.key != text:
        notebook.repair(draft, name, text, answer.key, answer.why)
    return answer.key


def _several(keys: list[str]) -> str:
    return f"is the name of several: {', '.join(sorted(keys)[:_SHOWN])}"


def _ambiguous(draft: Draft, path: str, text: str, keys: list[str], notebook: Notebook) -> None:
    notebook.problem(draft, path, text, _several(keys), "Add a column for the code.")


def _bare(text: str) -> str:
    return code_of(fold(text)).casefold()


def _plain(name: str) -> str:
    """Return a name without what offices put before it."""
    words = key(name)
    while True:
        before = next((one for one in vocabulary().before_names if words.startswith(f"{one} ")), "")
        if not before:
            return f"{_APART}{words}"
        words = words.removeprefix(before).strip()
