"""Which handles each session of a Janus has, remembered from one window to the next.

A list for each session is one question in three that a Janus is asked. It is asked again where
something may have changed: when somebody came or went, for then the others attach handles too; of a
session of which a handle is gone, or that sends nothing yet; and of each session once a minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WINDOWS: Final = 3
"""So many windows of 20 s may pass until a handle is seen that came while nobody joined or left."""


@dataclass(slots=True)
class Handles:
    """The handles of one Janus by session, as they were listed last."""

    _turn: int = 0
    _held: dict[Any, tuple[Any, ...]] = field(default_factory=dict)

    def still(self, sessions: Sequence[Any]) -> dict[Any, tuple[Any, ...]]:
        """Return those that need no new list, given the sessions that there are now."""
        self._turn += 1
        if set(sessions) != set(self._held):
            return {}
        due = self._turn % WINDOWS
        return {
            session: handles
            for place, (session, handles) in enumerate(self._held.items())
            if handles and place % WINDOWS != due
        }

    def keep(self, held: Mapping[Any, tuple[Any, ...]]) -> None:
        """Remember the handles of each session; of one without any a list is asked again."""
        self._held = dict(held)
