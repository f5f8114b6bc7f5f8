"""Whether a SQLite file was written since somebody looked, for a hundredth of a query's price."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# The status twice: that is how SQLite's planner sees that its partial index serves.
_WAITING: Final = (
    "SELECT 1 FROM workflow_status WHERE queue_name = ? AND status = 'ENQUEUED'"
    " AND status IN ('ENQUEUED', 'PENDING') LIMIT 1"
)


class Stillness:
    """One SQLite file, looked at by a connection of each thread that never writes.

    `PRAGMA data_version` answers another number once any other connection, of whatever process,
    has committed. So the number is taken before the look it stands for: what is committed during
    the look only makes the next one come sooner.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._own = threading.local()

    def version(self) -> int:
        """Return the number of the file's state; it means something to the same thread only."""
        found: int = self._connection().execute("PRAGMA data_version").fetchone()[0]
        return found

    def is_waiting(self, queue: str) -> bool:
        """Tell whether any job waits on the queue of the engine's own database."""
        return self._connection().execute(_WAITING, (queue,)).fetchone() is not None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._file, isolation_level=None)
            self._own.connection = connection
        return connection


class QuietQueues(threading.local):
    """Which queues a poll may pass by: nothing waited there, and nothing was written since.

    Each thread has its own memory, as the number it compares is its own connection's.
    """

    def __init__(self, file: Stillness) -> None:
        self._file = file
        self._empty: dict[str, int] = {}

    def is_quiet(self, queue: str) -> bool:
        """Tell whether nothing waits on the queue."""
        version = self._file.version()
        if self._empty.get(queue) == version:
            return True
        if self._file.is_waiting(queue):
            self._empty.pop(queue, None)
            return False
        self._empty[queue] = version
        return True


class Unchanged:
    """Leaves a duty out as long as the file is as it was when the duty was last done to its end."""

    def __init__(self, file: Stillness) -> None:
        self._file = file
        self._seen: int | None = None

    def do(self, duty: Callable[[], None]) -> None:
        """Do it unless nothing was written; what raises is done again at the next turn."""
        version = self._file.version()
        if version == self._seen:
            return
        self._seen = None
        duty()
        self._seen = version
