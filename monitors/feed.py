"""The numbered transitions of a monitor, kept until they are written down."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.state import Transition


@dataclass(frozen=True, slots=True)
class Numbered:
    """A transition with its place in the stream; `scope_id` says who may see it."""

    sequence: int
    transition: Transition
    scope_id: int | None


class Feed:
    """Numbers transitions from 1 within `epoch`, which is new in every process.

    Not for several threads: it belongs to the poll loop.
    """

    def __init__(self) -> None:
        self.epoch = token_hex(8)
        self.sequence = 0
        self._unwritten: list[Numbered] = []

    def publish(self, transition: Transition, scope_id: int | None) -> None:
        """Number `transition` and keep it."""
        self.sequence += 1
        numbered = Numbered(self.sequence, transition, scope_id)
        self._unwritten.append(numbered)

    def take(self) -> list[Numbered]:
        """Return the transitions nobody has written down yet; they are now the caller's."""
        taken, self._unwritten = self._unwritten, []
        return taken

    def give_back(self, numbered: Iterable[Numbered]) -> None:
        """Take transitions back that could not be written down."""
        self._unwritten = [*numbered, *self._unwritten]
