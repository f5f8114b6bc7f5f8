"""From a file to records: every row of it by kind and natural key, and every problem of its form.

A record's fields speak natural keys, as the file does; nothing here knows the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from hatang.errors import Problem
from inventory.choices import ElementKind
from inventory.schemas import SECTIONS, VERSION, InterfaceRow, Province, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic_core import ErrorDetails

    from inventory.yamlfile import Tree

Fields = dict[str, Any]
_TOP: Final = ("version", "province", *SECTIONS)


@dataclass(frozen=True, slots=True)
class Record:
    """One element the file speaks of; `fields` holds only what the file says."""

    kind: ElementKind
    key: str
    fields: Fields
    line: int | None = None
    lines: Mapping[str | int, int] = field(default_factory=dict)

    def problem(self, where: str, name: str, value: object, message: str, fix: str) -> Problem:
        """Return a problem of one of this record's fields."""
        return Problem(where, name, str(value), message, fix, self.lines.get(name, self.line))


@dataclass(slots=True)
class Records:
    """All records of a file by kind and key, and what is wrong with its form.

    `broken` are keys of rows that did not validate: others may refer to them without blame.
    `allow_local` lets devices stand on loopback addresses: the lab profile's switches do.
    """

    where: str
    found: dict[ElementKind, dict[str, Record]] = field(default_factory=dict)
    broken: dict[ElementKind, set[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    allow_local: bool = False

    def of(self, kind: ElementKind) -> dict[str, Record]:
        """Return the records of `kind` by key."""
        return self.found.setdefault(kind, {})

    def add(self, record: Record) -> None:
        """Add `record`, or the problem that its key is taken."""
        taken = self.of(record.kind).setdefault(record.key, record)
        if taken is not record:
            message = f"is given twice, first on line {taken.line}"
            place = next(iter(record.lines), "key")
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
    for section, schema in SECTIONS.items():
        rows = root.get(section)
        if rows is None:
            continue
        if not isinstance(rows, list):
            line = tree.entries(root).get(section)
            fix = "Give a list of rows."
            records.problems.append(Problem(where, section, "", "is no list", fix, line))
            continue
        for index, row in enumerate(rows):
            _take(records, tree, schema, row, tree.entries(rows).get(index))
    _imply_interfaces(records)
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
            place = lines.get("province")
            records.problems.extend(
                _form_problem(records.where, Province.model_fields, detail, {}, place)
                for detail in error.errors()
            )


def _take(records: Records, tree: Tree, schema: type[Row], row: Any, line: int | None) -> None:
    parsed = _validate(records, tree, schema, row, line)
    if parsed is None:
        if isinstance(row, dict):
            key = "/".join(_shown(row.get(name, "")) for name in schema.key_fields)
            records.broken.setdefault(schema.kind_of_row, set()).add(key)
        return
    fields = parsed.model_dump(mode="python", exclude_unset=True)
    key = "/".join(str(fields[name]) for name in schema.key_fields)
    record = Record(schema.kind_of_row, key, fields, line, tree.entries(row))
    _SHAPERS.get(schema.kind_of_row, _shape_plain)(records, record, schema)
    if schema.kind_of_row is ElementKind.DEVICE:
        _take_interfaces(records, tree, record, row)


def _validate(
    records: Records, tree: Tree, schema: type[Row], row: Any, line: int | None
) -> Row | None:
    try:
        return schema.model_validate(row)
    except ValidationError as error:
        lines = tree.entries(row)
        records.problems.extend(
            _form_problem(records.where, schema.model_fields, detail, lines, line)
            for detail in error.errors()
        )
        return None


def _form_problem(
    where: str,
    known: Mapping[str, object],
    detail: ErrorDetails,
    lines: Mapping[str | int, int],
    line: int | None,
) -> Problem:
    path = detail["loc"]
    name = ".".join(str(part) for part in path) or "row"
    value = "" if detail["type"] == "missing" else _shown(detail["input"])
    message, fix = detail["msg"].removeprefix("Value error, "), "Correct the value."
    if detail["type"] == "extra_forbidden":
        message = "is an unknown key"
        fix = suggestion(name, known) or f"Known are: {', '.join(known)}."
    elif detail["type"] == "missing":
        message, fix = "is missing", "Add it."
    elif detail["type"] == "string_type":
        message, fix = "is no text", "Put it in quotes."
    elif detail["type"] in {"enum", "literal_error"}:
        expected = str(detail.get("ctx", {}).get("expected", ""))
        message = "is not one of the known words"
        fix = suggestion(value, expected.replace("'", "").replace(" or ", ", ").split(", "))
        fix = f"{fix} Use one of: {expected}.".strip()
    return Problem(where, name, value, message, fix, lines.get(path[0] if path else "", line))


def _shown(value: object) -> str:
    # A container is not spelled out: it may be the whole file.
    return "" if isinstance(value, dict | list) else str(value)[:80]


def _shape_plain(records: Records, record: Record, schema: type[Row]) -> None:
    if len(schema.key_fields) == 1:
        del record.fields[schema.key_fields[0]]
    records.add(record)


def _shape_device_type(records: Records, record: Record, _schema: type[Row]) -> None:
    records.imply(ElementKind.MANUFACTURER, record.fields["manufacturer"], {})
    records.add(record)


def _shape_device(records: Records, record: Record, schema: type[Row]) -> None:
    fields = record.fields
    fields.pop("interfaces", None)
    if fields.get("device_key", "") is None:
        del fields["device_key"]
    _shape_type(records, record)
    if "host_keys" in fields:
        fields["host_keys"] = sorted({" ".join(key.split()[:2]) for key in fields["host_keys"]})
    _shape_plain(records, record, schema)


def _shape_type(records: Records, record: Record) -> None:
    fields = record.fields
    if not fields.keys() & {"manufacturer", "model"}:
        return
    maker, model = fields.pop("manufacturer", None), fields.pop("model", None)
    if (maker is None) != (model is None):
        name, value = ("model", maker) if model is None else ("manufacturer", model)
        message, fix = "is missing beside the other", "Give manufacturer and model, or neither."
        records.problems.append(record.problem(records.where, name, value, message, fix))
        return
    fields["device_type"] = None if maker is None else f"{maker}/{model}"
    if maker is not None:
        records.imply(ElementKind.MANUFACTURER, maker, {})
        both = {"manufacturer": maker, "model": model}
        records.imply(ElementKind.DEVICE_TYPE, f"{maker}/{model}", both)


def _shape_link(records: Records, record: Record, _schema: type[Row]) -> None:
    # A cable has no direction: its ends are kept in one order, so that swapping them is no change.
    ends = sorted((record.fields.pop("a"), record.fields.pop("b")))
    fields = {"a": ends[0], "b": ends[1], **record.fields}
    records.add(Record(record.kind, link_key(*ends), fields, record.line, record.lines))


def _shape_service(records: Records, record: Record, schema: type[Row]) -> None:
    for name in record.fields.keys() & {"runs_on", "depends_on"}:
        record.fields[name] = sorted(set(record.fields[name]))
    _shape_plain(records, record, schema)


_SHAPERS: Final = {
    ElementKind.DEVICE_TYPE: _shape_device_type,
    ElementKind.DEVICE: _shape_device,
    ElementKind.LINK: _shape_link,
    ElementKind.SERVICE: _shape_service,
}


def link_key(one: str, other: str) -> str:
    """Return the natural key of the cable between two ends `device:interface`."""
    return " -- ".join(sorted((one, other)))


def interface_key(device: str, name: str) -> str:
    """Return the natural key of an interface, as the ends of links are written."""
    return f"{device}:{name}"


def _take_interfaces(records: Records, tree: Tree, device: Record, row: Fields) -> None:
    rows = row.get("interfaces") or []
    for index, one in enumerate(rows):
        line = tree.entries(rows).get(index)
        parsed = _validate(records, tree, InterfaceRow, one, line)
        if parsed is None:
            continue
        fields = parsed.model_dump(exclude_unset=True)
        key = interface_key(device.key, fields["name"])
        fields = {"device": device.key, **fields}
        records.add(Record(ElementKind.INTERFACE, key, fields, line, tree.entries(one)))


def _imply_interfaces(records: Records) -> None:
    for link in records.of(ElementKind.LINK).values():
        for end in (link.fields["a"], link.fields["b"]):
            device, _, name = end.partition(":")
            records.imply(ElementKind.INTERFACE, end, {"device": device, "name": name})
