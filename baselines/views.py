"""What the tests of a pack look at: a tree with, for each pattern, the statements matching it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baselines.parsing import Tree
    from baselines.patterns import Patterns


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
