"""How many rows one agent is asked for at once, learned from what it could not answer."""

from __future__ import annotations

from typing import Final

# 60 variables of counters fill one Ethernet frame.
_VARIABLES: Final = 60
_MOST: Final = 25
# So many calls must go well before more is asked for again; doubled when that was too much.
_PATIENCE: Final = 8
_PATIENCE_MOST: Final = 1024


class Pace:
    """The largest max-repetitions an agent has proved to bear; 0 means that GETNEXT is used.

    Agents that cannot answer a GETBULK say tooBig or nothing at all; both halve it.
    """

    def __init__(self, *, bulk: bool) -> None:
        self._able = bulk
        self._limit = _MOST
        self._good = 0
        self._patience = _PATIENCE
        self._trial = False

    @property
    def bulk(self) -> bool:
        """Whether GETBULK may be used."""
        return self._able and self._limit > 0

    @property
    def limit(self) -> int:
        """The largest max-repetitions now."""
        return self._limit

    def repetitions(self, columns: int, most: int) -> int:
        """Return the max-repetitions for `columns` side by side, 1 or more."""
        return max(1, min(self._limit, most, _VARIABLES // columns))

    def shrink(self, repetitions: int) -> None:
        """Take note that a GETBULK with `repetitions` went wrong."""
        self._limit = repetitions // 2
        self._good = 0
        if self._trial:
            self._trial = False
            self._patience = min(self._patience * 2, _PATIENCE_MOST)

    def forgive(self, limit: int) -> None:
        """Take back what was learned since `limit` held: nothing at all was answered."""
        self._limit = limit

    def went_well(self) -> None:
        """Take note of a call without trouble; after enough of them more is tried again."""
        if self._limit >= _MOST and not self._trial:
            return
        self._good += 1
        if self._good >= self._patience:
            self._good = 0
            self._trial = self._limit < _MOST
            self._limit = min(_MOST, max(1, self._limit * 2))
