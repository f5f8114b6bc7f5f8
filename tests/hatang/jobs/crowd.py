"""Threads that want a turn at the same moment."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hatang.jobs import turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Crowd:
    """How many hold a turn at once; each stays until all `expected` hold one or wait for one."""

    def __init__(self, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 0
        self._inside = 0
        self._waiting: set[int] = set()
        self._expected = expected
        self._lock = threading.Lock()
        self._all_here = threading.Event()
        self._rest = turns._rest
        monkeypatch.setattr(turns, "_rest", self._looked)

    def _looked(self) -> None:
        if self._all_here.is_set():
            self._rest()
            return
        with self._lock:
            self._waiting.add(threading.get_ident())
            self._count()
        self._all_here.wait(10)

    def _count(self) -> None:
        if len(self._waiting) + self._inside >= self._expected:
            self._all_here.set()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            self._count()
        self._all_here.wait(10)
        yield
        with self._lock:
            self._inside -= 1
