"""The numbered stream of transitions: kept for writing down, handed to those who listen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.state import Transition

KEEP: Final = 10_000
"""Transitions a listener may lag behind before it has to start again from a snapshot."""


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
        self._queues: set[asyncio.Queue[Numbered | None]] = set()
        self._unwritten: list[Numbered] = []

    def publish(self, transition: Transition, scope_id: int | None) -> None:
        """Number `transition` and hand it out."""
        self.sequence += 1
        numbered = Numbered(self.sequence, transition, scope_id)
        self._unwritten.append(numbered)
        for queue in tuple(self._queues):
            if queue.qsize() >= KEEP:
                self.unsubscribe(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(numbered)

    def subscribe(self) -> asyncio.Queue[Numbered | None]:
        """Return a queue of every transition from now on; None in it means: you were too slow."""
        queue: asyncio.Queue[Numbered | None] = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Numbered | None]) -> None:
        """Stop filling `queue`."""
        self._queues.discard(queue)

    def take(self) -> list[Numbered]:
        """Return the transitions nobody has written down yet; they are now the caller's."""
        taken, self._unwritten = self._unwritten, []
        return taken

    def give_back(self, numbered: Iterable[Numbered]) -> None:
        """Take transitions back that could not be written down."""
        self._unwritten = [*numbered, *self._unwritten]
