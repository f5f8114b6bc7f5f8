"""What the tests of a pack look at: a tree with, for each pattern, the statements matching it.

All patterns of a pack in one dialect run over a statement at once (an RE2 set), and each different
statement is looked at once a process: most lines of a fleet are the same few thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baselines.parsing import Tree

_REMEMBERED: Final = 100_000
_REMEMBERED_LENGTH: Final = 200
_SET_MEMORY: Final = 256 * 1024 * 1024  # RE2 drops its states, never an answer, when short of it


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _SET_MEMORY
    return options


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """Return `pattern` compiled by RE2: its time is linear in the text."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


class Patterns:
    """All patterns that the tests of one dialect use, numbered.

    Raises:
        InvalidInputError: a pattern is none that RE2 knows.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.numbers = {pattern: number for number, pattern in enumerate(sorted(set(patterns)))}
        self._set = re2.Set.SearchSet(_options())
        for pattern in self.numbers:
            try:
                compiled(pattern)
            except re2.error as error:
                problem = Problem("rule", "pattern", pattern, str(error), "Write what RE2 knows.")
                raise InvalidInputError([problem]) from error
            self._set.Add(pattern)
        self._set.Compile()
        self._known: dict[str, tuple[int, ...]] = {}

    def matching(self, text: str) -> tuple[int, ...]:
        """Return the numbers of the patterns that match somewhere in `text`."""
        found = self._known.get(text)
        if found is None:
            found = tuple(self._set.Match(text) or ()) if self.numbers else ()
            if len(text) < _REMEMBERED_LENGTH:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[text] = found
        return found


class View:
    """A tree, or part of one, indexed by pattern."""

    __slots__ = ("hits", "last", "lines", "patterns", "texts", "tree")

    def __init__(
        self,
        tree: Tree,
        patterns: Patterns,
        part: tuple[Sequence[str], Sequence[int], Sequence[int]] | None = None,
    ) -> None:
        self.tree = tree
        self.patterns = patterns
        self.texts, self.lines, self.last = part or (tree.texts, tree.lines, tree.last)
        hits: list[list[int]] = [[] for _pattern in patterns.numbers]
        matching = patterns.matching
        for number, text in enumerate(self.texts):
            for pattern in matching(text):
                hits[pattern].append(number)
        self.hits = hits

    def find(self, pattern: str, low: int, high: int) -> list[int]:
        """Return the numbers of the statements from `low` to before `high` matching `pattern`."""
        found = self.hits[self.patterns.numbers[pattern]]
        if low == 0 and high >= len(self.texts):
            return found
        return found[bisect_left(found, low) : bisect_left(found, high)]

    def part(self, numbers: Sequence[int], prefixes: Sequence[int] | None = None) -> View:
        """Return a view of these statements, each without so many of its first characters."""
        cuts = prefixes or [0] * len(numbers)
        texts = [self.texts[n][cut:].lstrip() for n, cut in zip(numbers, cuts, strict=True)]
        part = texts, [self.lines[n] for n in numbers], [self.last[n] for n in numbers]
        return View(self.tree, self.patterns, part)
