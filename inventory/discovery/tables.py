"""Rows out of the JSON that a command prints, by paths that are data of the platform.

A path is names between `/`; `*` goes into each member of a list or an object. Junos wraps each
value as `[{"data": …}]`; that is looked through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EACH: Final = "*"
UP: Final = ".."
KEY: Final = "@key"
# Deeper than any path that a platform's file names.
_DEPTH: Final = 32


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a document, the key it stood under, and the row of the `*` before it."""

    node: Any
    key: str = ""
    above: Row | None = None

    def get(self, columns: str) -> str:
        """Return the text at the first of `columns` (paths between `|`) that says something."""
        return next((found for one in columns.split("|") if (found := self._at(one))), "")

    def _at(self, path: str) -> str:
        row: Row = self
        steps = path.split("/")
        while steps and steps[0] == UP:
            row, steps = row.above or row, steps[1:]
        if steps == [KEY]:
            return row.key
        return _text(_walk(row.node, steps))


def rows(document: Any, path: str) -> list[Row]:  # noqa: ANN401 RUF100 - any JSON
    """Return the objects of `document` that stand at `path`."""
    found = [(Row(document), document)]
    for step in path.split("/")[:_DEPTH]:
        if step == EACH:
            inner = [Row(value, key, row) for row, node in found for key, value in _members(node)]
            found = [(row, row.node) for row in inner]
        else:
            found = [(row, _walk(node, [step])) for row, node in found]
    ends = ((row, _first(node)) for row, node in found)
    return [Row(node, row.key, row.above) for row, node in ends if isinstance(node, dict)]


def _members(node: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 RUF100 - any JSON
    if isinstance(node, dict):
        yield from ((str(key), value) for key, value in node.items())
    elif isinstance(node, list):
        yield from ((str(place), value) for place, value in enumerate(node))


def _walk(node: Any, steps: Sequence[str]) -> Any:  # noqa: ANN401 RUF100 - any JSON
    for step in steps:
        inner = _first(node)
        node = inner.get(step) if isinstance(inner, dict) else None
    return node


def _first(node: Any) -> Any:  # noqa: ANN401 RUF100 - any JSON
    while isinstance(node, list):
        node = node[0] if node else None
    return node


def _text(node: Any) -> str:  # noqa: ANN401 RUF100 - any JSON
    found = _first(node)
    if isinstance(found, dict):
        found = _first(found.get("data"))
    if found is None or isinstance(found, dict):
        return ""
    return str(found)
