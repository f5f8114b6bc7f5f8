"""What is read of the inventory kept in memory, and read anew once it has changed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from sqlalchemy import func, select

from hatang.events import Event
from inventory.service.importing import CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import AnySession

Version = tuple[int, int]
Read = TypeVar("Read")


def version(session: AnySession) -> Version:
    """Return what differs once the inventory has changed.

    The number of changes counts too: on PostgreSQL one with a lower id may be committed later.
    """
    changes = select(func.max(Event.id), func.count()).where(Event.topic == CHANGED)
    last, count = session.execute(changes).one()
    return last or 0, count


class Current(Generic[Read]):
    """What `load` reads, kept until the inventory says that it changed; safe in many threads."""

    def __init__(self, load: Callable[[AnySession], Read]) -> None:
        self._load = load
        self._lock = Lock()
        self._known: tuple[Version, Read] | None = None

    def __call__(self, session: AnySession) -> Read:
        """Return it as `session` sees it."""
        now = version(session)
        known = self._known
        if known is not None and known[0] == now:
            return known[1]
        with self._lock:
            known = self._known
            if known is None or known[0] != now:
                known = self._known = (now, self._load(session))
        return known[1]
