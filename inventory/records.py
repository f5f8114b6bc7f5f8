"""From a file to records: every row of it by kind and natural key, and every problem of its form.

A record's fields speak natural keys, as the file does; nothing here knows the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError

from hatang.errors import Problem
from inventory.choices import ElementKind
from inventory.complaints import complaint
from inventory.kinds.registry import KINDS
from inventory.schemas import SECTIONS, VERSION, Province

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from inventory.kinds.form import Row
    from inventory.kinds.kind import Kind
    from inventory.yamlfile import Tree

Fields = dict[str, Any]
_TOP: Final = ("version", "province", *SECTIONS)


class Place(NamedTuple):
    """Where a row stands: its line, the lines of its fields, and its sheet in a workbook."""

    line: int | None = None
    lines: Mapping[str | int, int] = {}
    sheet: str | None = None

    def of(self, name: str | int) -> int | None:
        """Return the line of the field `name`."""
        return self.lines.get(name, self.line)


_NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Record:
    """One element the file speaks of; `fields` holds only what the file says."""

    kind: ElementKind
    key: str
    fields: Fields
    place: Place = _NOWHERE

    @property
    def line(self) -> int | None:
        """The line it begins on; None where there are no lines."""
        return self.place.line

    @property
    def is_implied(self) -> bool:
        """Whether no row says it by itself: another row takes it for granted."""
        return self.place.line is None and self.place.sheet is None

    def problem(self, where: str, name: str, value: object, message: str, fix: str) -> Problem:
        """Return a problem of one of this record's fields."""
        place = self.place
        return Problem(where, name, str(value), message, fix, place.of(name), place.sheet)


@dataclass(slots=True)
class Records:
    """All records of a file by kind and key, and what is wrong with its form.

    `broken` are keys of rows that did not validate: others may refer to them without blame.
    `allow_local` lets devices stand on loopback addresses: the lab profile's switches do.
    `blamed` names the row of each problem that has one, by the problem's place in the list.
    """

    where: str
    found: dict[ElementKind, dict[str, Record]] = field(default_factory=dict)
    broken: dict[ElementKind, set[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    allow_local: bool = False
    blamed: dict[int, tuple[ElementKind, str]] = field(default_factory=dict)

    def of(self, kind: ElementKind) -> dict[str, Record]:
        """Return the records of `kind` by key."""
        return self.found.setdefault(kind, {})

    def add(self, record: Record) -> None:
        """Add `record`, or the problem that its key is taken."""
        taken = self.of(record.kind).setdefault(record.key, record)
        if taken is not record:
            first = taken.place.sheet if taken.line is None else f"on line {taken.line}"
            message = f"is given twice, first {first}"
            place = next(iter(record.place.lines), "key")
            self.problems.append(
                record.problem(self.where, str(place), record.key, message, "Keep one row.")
            )

    def imply(self, kind: ElementKind, key: str, fields: Fields) -> None:
        """Add a record that another row takes for granted, unless the file has it itself."""
        self.of(kind).setdefault(key, Record(kind, key, fields))


def collect(tree: Tree, where: str) -> Records:
    """Return the records of the file `tree`, with all problems of form in it."""
    records = Records(where)
    root = tree.root
    if not isinstance(root, dict):
        fix = f"Begin with `version: {VERSION}`."
        records.problems.append(Problem(where, "file", "", "is no mapping", fix, 1))
        return records
    _check_top(records, root, tree.entries(root))
    for kind in KINDS.values():
        rows = root.get(kind.section)
        if rows is None:
            continue
        if not isinstance(rows, list):
            line = tree.entries(root).get(kind.section)
            fix = "Give a list of rows."
            records.problems.append(Problem(where, kind.section, "", "is no list", fix, line))
            continue
        for index, row in enumerate(rows):
            place = Place(tree.entries(rows).get(index), tree.entries(row), tree.sheet(row))
            _take(records, tree, kind, row, place)
    _imply(records)
    return records


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """Return "Did you mean …?" when something known looks like `wrong`, else an empty text."""
    close = get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else ""


def _check_top(records: Records, root: Fields, lines: Mapping[str | int, int]) -> None:
    for name in root.keys() - set(_TOP):
        fix = suggestion(name, _TOP) or f"Known are: {', '.join(_TOP)}."
        problem = Problem(records.where, name, "", "is an unknown key", fix, lines.get(name))
        records.problems.append(problem)
    if root.get("version") != VERSION or isinstance(root.get("version"), bool):
        message, fix = "is not a version hatang reads", f"Write `version: {VERSION}`."
        value = _shown(root.get("version", ""))
        line = lines.get("version", 1)
        records.problems.append(Problem(records.where, "version", value, message, fix, line))
    if root.get("province") is not None:
        try:
            Province.model_validate(root["province"])
        except ValidationError as error:
            place = Place(lines.get("province"))
            records.problems.extend(
                _form_problem(records.where, Province.model_fields, detail, place)
                for detail in error.errors()
            )


def _take(records: Records, tree: Tree, kind: Kind, row: Any, place: Place) -> None:
    before = len(records.problems)
    key = _read(records, tree, kind, row, place)
    for at in range(before, len(records.problems)):
        records.blamed.setdefault(at, (kind.kind, key))


def _read(records: Records, tree: Tree, kind: Kind, row: Any, place: Place) -> str:
    """Take one row, and return its key as far as it has one."""
    parsed = _validate(records, kind, row, place)
    if parsed is None:
        if not isinstance(row, dict):
            return ""
        key = kind.key_of({name: _shown(row.get(name, "")) for name in kind.row.key_fields})
        records.broken.setdefault(kind.kind, set()).add(key)
        return key
    fields = parsed.model_dump(mode="python", exclude_unset=True)
    for name in kind.nested:
        fields.pop(name, None)
    for name in kind.many.keys() & fields.keys():
        fields[name] = sorted(set(fields[name]))
    _compose(records, kind, fields, place)
    for name, owner in kind.within.items():
        if fields.get(name) is not None and owner in fields:
            fields[name] = _whole(fields[owner], fields[name], kind, name)
    if kind.shape is not None:
        kind.shape(fields)
    key = kind.key_of(fields)
    if kind.single_key is not None:
        del fields[kind.single_key]
    record = Record(kind.kind, key, fields, place)
    records.add(record)
    for name, inner in kind.nested.items():
        _take_nested(records, tree, KINDS[inner], row.get(name) or [], (record, place))
    return key


def _take_nested(
    records: Records, tree: Tree, kind: Kind, rows: list[Any], outer: tuple[Record, Place]
) -> None:
    owner, outer_place = outer
    name = kind.row.key_fields[0]
    for index, row in enumerate(rows):
        place = Place(tree.entries(rows).get(index), tree.entries(row), outer_place.sheet)
        if isinstance(row, dict) and name in row:
            fix = "Leave it out: the row stands inside it."
            problem = Problem(
                records.where, name, _shown(row[name]), "is given already", fix, place.of(name)
            )
            records.problems.append(problem)
            continue
        _take(
            records, tree, kind, {name: owner.key, **row} if isinstance(row, dict) else row, place
        )


def _whole(owner: str, value: str, kind: Kind, name: str) -> str:
    """Return the whole key of what lies within `owner`, however short the row names it."""
    start = owner + KINDS[kind.target(name)].separator
    return value if value.startswith(start) else start + value


def _compose(records: Records, kind: Kind, fields: Fields, place: Place) -> None:
    """Join the fields that together name another element, and imply that element."""
    for name, composite in kind.composites.items():
        if not fields.keys() & set(composite.names):
            continue
        parts = {part: fields.pop(part, None) for part in composite.names}
        missing = [part for part, value in parts.items() if value is None]
        if missing and len(missing) < len(parts):
            value = next(str(one) for one in parts.values() if one is not None)
            message = "is missing beside the other"
            fix = f"Give {' and '.join(parts)}, or neither."
            line, sheet = place.of(missing[0]), place.sheet
            problem = Problem(records.where, missing[0], value, message, fix, line, sheet)
            records.problems.append(problem)
            continue
        fields[name] = None
        if not missing:
            fields[name] = KINDS[composite.target].key_of(parts)
            records.imply(composite.target, fields[name], dict(parts))


def _validate(records: Records, kind: Kind, row: Any, place: Place) -> Row | None:
    try:
        return kind.row.model_validate(row)
    except ValidationError as error:
        known = kind.row.model_fields
        records.problems.extend(
            _form_problem(records.where, known, detail, place) for detail in error.errors()
        )
        return None


def _form_problem(
    where: str, known: Mapping[str, object], detail: ErrorDetails, place: Place
) -> Problem:
    path = detail["loc"]
    name = ".".join(str(part) for part in path) or "row"
    value = "" if detail["type"] == "missing" else _shown(detail["input"])
    message, fix = complaint(detail)
    if detail["type"] == "extra_forbidden":
        message = "is an unknown key"
        fix = f"{suggestion(name, known)} Known are: {', '.join(known)}.".strip()
    elif detail["type"] == "missing":
        message, fix = "is missing", "Add it."
    elif detail["type"] == "string_type":
        message, fix = "is no text", "Put it in quotes."
    elif detail["type"] in {"enum", "literal_error"}:
        expected = str(detail.get("ctx", {}).get("expected", ""))
        message = "is not one of the known words"
        fix = suggestion(value, expected.replace("'", "").replace(" or ", ", ").split(", "))
        fix = f"{fix} Use one of: {expected}.".strip()
    line = place.of(path[0] if path else "")
    return Problem(where, name, value, message, fix, line, place.sheet)


def _shown(value: object) -> str:
    # A container is not spelled out: it may be the whole file.
    return "" if isinstance(value, dict | list) else str(value)[:80]


def _imply(records: Records) -> None:
    for end in [
        end
        for link in records.of(ElementKind.LINK).values()
        for end in (link.fields["a"], link.fields["b"])
    ]:
        device, _, name = end.partition(":")
        records.imply(ElementKind.INTERFACE, end, {"device": device, "name": name})
    for word in (ElementKind.DEVICE_TYPE, ElementKind.MODULE_TYPE):
        for one in list(records.of(word).values()):
            records.imply(ElementKind.MANUFACTURER, one.fields["manufacturer"], {})
