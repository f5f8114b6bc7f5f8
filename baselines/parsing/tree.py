"""The tree all dialects are parsed into, as parallel lists in the order of the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """Why a text cannot be judged, whatever a rule says."""

    EMPTY = "nothing_collected"
    BINARY = "binary"
    TOO_LARGE = "too_large"
    LINE_TOO_LONG = "line_too_long"
    TOO_DEEP = "nested_too_deep"
    TRUNCATED = "truncated"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(slots=True)
class Tree:
    """Statements in the order of the text; those under number `i` are `i + 1` to `ends[i] - 1`.

    `texts` carry no indentation, `lines` and `last` are the first and last line of a statement,
    from 1. `line_count` counts the lines that say something, `odd` the numbers of those that nobody
    understood. `is_flat`: each statement is written with its whole path, as Junos' `set` lines.
    """

    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    line_count: int = 0
    odd: set[int] = field(default_factory=set)
    is_flat: bool = False
    fault: Fault | None = None

    def add(self, text: str, line: int, last: int | None = None) -> int:
        """Append a statement without anything under it; returns its number."""
        number = len(self.texts)
        self.texts.append(text)
        self.lines.append(line)
        self.last.append(line if last is None else last)
        self.ends.append(number + 1)
        return number

    @property
    def not_understood(self) -> tuple[int, ...]:
        """The numbers of the lines nobody understood, in order."""
        return tuple(sorted(self.odd))

    @property
    def coverage(self) -> float:
        """Share of lines understood, 0 to 1; 0 when there is no line at all."""
        return 1 - len(self.odd) / self.line_count if self.line_count else 0.0


class Nesting:
    """Keeps the open statements while a tree is built, and closes them."""

    __slots__ = ("deepest", "open", "tree")

    def __init__(self, tree: Tree, deepest: int) -> None:
        self.tree = tree
        self.deepest = deepest
        self.open: list[tuple[int, int]] = []

    def close_to(self, depth: int) -> None:
        """Close every open statement that stands at `depth` or deeper."""
        while self.open and self.open[-1][0] >= depth:
            _depth, number = self.open.pop()
            self.tree.ends[number] = len(self.tree.texts)

    def push(self, depth: int, number: int) -> None:
        """Leave statement `number` open at `depth`, for others to come under it."""
        self.open.append((depth, number))
        if len(self.open) > self.deepest:
            self.tree.fault = Fault.TOO_DEEP
