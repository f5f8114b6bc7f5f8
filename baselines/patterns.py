"""All patterns of a pack in one dialect, which run over a statement at once (an RE2 set).

Each different statement is looked at once a process: most lines of a fleet are the same few
thousand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

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
