"""Reads one YAML file into plain data that remembers its line numbers, within fixed limits.

Built on libyaml's event stream: one pass, no recursion, no object construction by tag. Scalars
follow YAML 1.2's core schema, so that `no`, `on` and `012` stay what they look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from hatang.errors import InvalidInputError, Problem
from inventory.text import normalise

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ALIASES: Final = 100
MAX_DEPTH: Final = 16
MAX_NODES: Final = 5_000_000

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT: Final = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_LINES: Final[dict[str | int, int]] = {}


@dataclass(slots=True)
class Tree:
    """Plain dicts, lists and scalars, and the line each entry of a container began on.

    `sheets` names the sheet of each row, by the row's `id`, where the file is a workbook;
    `sha256` is that of the file where it is known here.
    """

    root: Any = None
    lines: dict[int, dict[str | int, int]] = field(default_factory=dict)
    sheets: dict[int, str] = field(default_factory=dict)
    sha256: str = ""

    def entries(self, container: object) -> dict[str | int, int]:
        """Return the lines of the entries of one dict or list of this tree."""
        return self.lines.get(id(container), _NO_LINES)

    def sheet(self, row: object) -> str | None:
        """Return the sheet that `row` stands on, None in a file without sheets."""
        return self.sheets.get(id(row))


def read(text: str, where: str) -> Tree:
    """Return the tree of `text`; `where` names the file in problems.

    Raises:
        InvalidInputError: not YAML, beyond a limit, a tag, or a key given twice.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        fix = f"Split it: {MAX_BYTES // 1024 // 1024} MiB are read at most."
        raise InvalidInputError([Problem(where, "file", "", "is too large", fix)])
    builder = _Builder(where)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        problem = Problem(where, "file", "", f"is no YAML: {error.problem}", "Mend it.", line)
        raise InvalidInputError([*builder.problems, problem]) from error
    except yaml.YAMLError as error:
        problem = Problem(where, "file", "", f"is no YAML: {error}", "Save it as UTF-8 text.")
        raise InvalidInputError([problem]) from error
    if builder.problems:
        raise InvalidInputError(builder.problems)
    return builder.tree


class _Builder:
    """Grows the tree event by event; `open` are the containers not yet closed."""

    def __init__(self, where: str) -> None:
        self.tree = Tree()
        self.problems: list[Problem] = []
        self._where = where
        self._open: list[Any] = []
        self._keys: list[str | None] = []
        self._anchors: dict[str, Any] = {}
        self._sizes: dict[int, int] = {}
        self._nodes = 0
        self._aliases = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Add what `event` brings."""
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event, line), line, event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._refuse_tag(event.tag if not event.implicit else None, line)
            self._enter({} if isinstance(event, yaml.MappingStartEvent) else [], line, event.anchor)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._leave()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", line)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop("a second document begins here", "Keep one document a file.", line)

    def _enter(self, container: Any, line: int, anchor: str | None) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._stop("nests too deep", f"Nest at most {MAX_DEPTH} levels.", line)
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            self._stop("a key is no text", "Write keys as plain words.", line)
        self._add(container, line, anchor)
        self.tree.lines[id(container)] = {}
        self._open.append(container)
        self._keys.append(None)

    def _leave(self) -> None:
        container = self._open.pop()
        self._keys.pop()
        children = container.values() if isinstance(container, dict) else container
        self._sizes[id(container)] = 1 + sum(self._sizes.get(id(one), 1) for one in children)

    def _alias(self, anchor: str, line: int) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._stop("has too many aliases", f"Use at most {MAX_ALIASES}.", line)
        if anchor not in self._anchors:
            self._stop("the alias names no anchor", "Define the anchor above it.", line)
        value = self._anchors[anchor]
        if any(value is container for container in self._open):
            self._stop("the alias names what it stands in", "Write the values out.", line)
        # What an alias stands for counts each time: nine lists of nine of nine … is no small file.
        self._nodes += self._sizes.get(id(value), 1)
        if self._nodes > MAX_NODES:
            self._stop("grows too large by aliases", "Write the values out.", line)
        self._add(value, line, None)

    def _add(self, value: Any, line: int, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop("holds too many values", f"Split it: {MAX_NODES} are read at most.", line)
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self.tree.root = value
            return
        container = self._open[-1]
        if isinstance(container, list):
            self.tree.lines[id(container)][len(container)] = line
            container.append(value)
        elif self._keys[-1] is None:
            key = value if isinstance(value, str) else str(value)
            self._keys[-1] = key
            self._refuse_repeat(container, key, line)
        else:
            container[self._keys[-1]] = value
            self.tree.lines[id(container)][self._keys[-1]] = line
            self._keys[-1] = None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Any:
        self._refuse_tag(event.tag if not any(event.implicit) else None, line)
        text = event.value
        if not event.implicit[0]:
            return normalise(text)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _DATE.fullmatch(text):
            return self._date(text)
        return normalise(text)

    @staticmethod
    def _date(text: str) -> date | str:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag not in {None, "!"}:
            fix = "Remove the tag; types follow from the field."
            self.problems.append(Problem(self._where, "file", str(tag), "is a tag", fix, line))

    def _refuse_repeat(self, container: dict[str, Any], key: str, line: int) -> None:
        if key in container:
            first = self.tree.lines[id(container)][key]
            message, fix = f"is given twice, first on line {first}", "Keep one of them."
            self.problems.append(Problem(self._where, key, "", message, fix, line))

    def _stop(self, message: str, fix: str, line: int) -> None:
        problem = Problem(self._where, "file", "", message, fix, line)
        raise InvalidInputError([*self.problems, problem])
