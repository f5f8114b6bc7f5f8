"""Rows that another tool described, as a file would give them, each with where it stands there."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from inventory.schemas import VERSION
from inventory.text import normalise
from inventory.yamlfile import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hatang.errors import Problem

_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Document:
    """What a source holds; `hints` say, by field, how else a problem there can be mended."""

    name: str
    tree: Tree
    notes: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """What was read, in one word: the same source gives the same."""
        text = json.dumps(self.tree.root, ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def explained(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems, each with the source's own way to mend it."""
        return [
            replace(problem, fix=f"{problem.fix} {self.hints[problem.field]}".strip())
            if problem.field in self.hints
            else problem
            for problem in problems
        ]


@dataclass(slots=True)
class Draft:
    """Gathers rows; a field without value is left out, so that it clears nothing."""

    name: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: Counter[str] = field(default_factory=Counter)
    _tree: Tree = field(default_factory=Tree)

    def add(self, section: str, place: str, **fields: object) -> None:
        """Add a row of `section`; `place` is where it stands in the source."""
        row = {name: _clean(value) for name, value in fields.items() if value not in _NOTHING}
        self.rows.setdefault(section, []).append(row)
        self._tree.sheets[id(row)] = place

    def document(self, hints: Mapping[str, str]) -> Document:
        """Return what was gathered."""
        self._tree.root = {"version": VERSION, **self.rows}
        notes = [f"{count} {text}" for text, count in sorted(self.notes.items())]
        return Document(self.name, self._tree, tuple(notes), hints)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return value
