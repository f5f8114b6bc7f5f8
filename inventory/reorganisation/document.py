"""The file of a reorganisation: which new units there are, and what becomes of the old ones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hatang.errors import InvalidInputError, Problem
from inventory import yamlfile
from inventory.choices import UnitKind
from inventory.kinds.form import Code, Day, Lax, Line, Name

if TYPE_CHECKING:
    from inventory.yamlfile import Tree

VERSION: Final = 1
MAX_ENTRIES: Final = 5_000
STAY: Final = "stay"
FOLLOW: Final = "follow"
_VERBS: Final = ("merge", "split", "move", "rename")
_NO_LINE: Final = 0
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_enum_values=True)


class NewUnit(_Part):
    """A unit that begins on the day."""

    code: Code
    name: Name
    kind: Annotated[UnitKind, Lax]
    parent: Code | None = None


class Merge(_Part):
    """All of `merge` become `into`; `people` says whether their roles follow (default) or stay."""

    merge: Annotated[list[Code], Field(min_length=1)]
    into: Code
    people: Literal["follow", "stay"] | None = None


class Share(_Part):
    """What one successor takes of a split unit: by section of the inventory, or all the `rest`."""

    unit: Code
    takes: dict[str, list[str]] = {}
    rest: bool = False


class Split(_Part):
    """`split` is shared out; `people` names the successor its roles go to, or `stay`."""

    split: Code
    into: Annotated[list[Share], Field(min_length=1)]
    people: Code | None = None


class Move(_Part):
    """`move` hangs under `to` from the day on."""

    move: Code
    to: Code | None


class Rename(_Part):
    """`rename` gets another name, code or kind."""

    rename: Code
    name: Name | None = None
    code: Code | None = None
    kind: Annotated[UnitKind, Lax] | None = None


Entry = Merge | Split | Move | Rename


class Document(_Part):
    """The whole file; `basis` is the decision it rests on."""

    version: Literal[1]
    title: Name
    effective_on: Annotated[Day, Field(ge=_FIRST_DAY, le=_LAST_DAY)]
    basis: Line = ""
    units: Annotated[list[NewUnit], Field(max_length=MAX_ENTRIES)] = []
    reorganise: Annotated[list[dict[str, Any]], Field(max_length=MAX_ENTRIES)] = []


class Read(BaseModel):
    """A file that has its form: the document, its entries, and the line each began on."""

    model_config = ConfigDict(frozen=True)
    where: str
    document: Document
    entries: tuple[Entry, ...]
    unit_lines: tuple[int, ...]
    entry_lines: tuple[int, ...]


_ENTRIES: Final[dict[str, TypeAdapter[Any]]] = {
    "merge": TypeAdapter(Merge),
    "split": TypeAdapter(Split),
    "move": TypeAdapter(Move),
    "rename": TypeAdapter(Rename),
}


def read(text: str, where: str) -> Read:
    """Return what the file says.

    Raises:
        InvalidInputError: with everything that is wrong with its form.
    """
    tree = yamlfile.read(text, where)
    problems: list[Problem] = []
    lines = tree.entries(tree.root)
    try:
        document = Document.model_validate(tree.root)
    except ValidationError as error:
        problems += [_problem(where, one, _line(tree, one["loc"])) for one in error.errors()]
        document = None
    raw = tree.root.get("reorganise") if isinstance(tree.root, dict) else None
    found = [
        _entry(where, tree, row, (tree.entries(raw).get(index, _NO_LINE), problems))
        for index, row in enumerate(raw if isinstance(raw, list) else [])
    ]
    if problems or document is None:
        raise InvalidInputError(sorted(problems, key=lambda one: one.line or 0))
    units = tree.entries(tree.root.get("units"))
    return Read(
        where=where,
        document=document,
        entries=tuple(entry for entry in found if entry is not None),
        unit_lines=tuple(units.get(i, lines.get("units", 0)) for i in range(len(document.units))),
        entry_lines=tuple(tree.entries(raw).get(index, 0) for index in range(len(found))),
    )


def _entry(where: str, tree: Tree, row: Any, notes: tuple[int, list[Problem]]) -> Entry | None:
    line, problems = notes
    if not isinstance(row, dict):
        return None  # the document's own check names it
    verbs = [verb for verb in _VERBS if verb in row]
    if len(verbs) != 1:
        fix = f"Give exactly one of: {', '.join(_VERBS)}."
        problems.append(Problem(where, "reorganise", "", "says not what is to be done", fix, line))
        return None
    try:
        entry: Entry = _ENTRIES[verbs[0]].validate_python(row)
    except ValidationError as error:
        own = tree.entries(row)
        for one in error.errors():
            first = one["loc"][0] if one["loc"] else ""
            problems.append(_problem(where, one, own.get(first, line)))
        return None
    return entry


def _line(tree: Tree, path: tuple[str | int, ...]) -> int | None:
    at: Any = tree.root
    line: int | None = 1
    for part in path:
        found = tree.entries(at).get(part)
        if found is None:
            return line
        line = found
        at = at[part]
    return line


def _problem(where: str, detail: Any, line: int | None) -> Problem:
    name = ".".join(str(part) for part in detail["loc"]) or "file"
    value = detail["input"]
    shown = "" if isinstance(value, dict | list) or detail["type"] == "missing" else str(value)[:80]
    message = detail["msg"].removeprefix("Value error, ")
    message, fix = {
        "missing": ("is missing", "Add it."),
        "extra_forbidden": ("is an unknown key", "Remove or correct it."),
    }.get(detail["type"], (message, "Correct the value."))
    return Problem(where, name, shown, message, fix, line)
