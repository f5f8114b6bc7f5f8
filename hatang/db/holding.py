"""For how long each transaction keeps all others from writing, and who that was when it was long.

SQLite has one writer at a time, and who waits longer than its busy timeout is told that the
database is locked; that the holder was at fault nothing would say otherwise.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client import Histogram

from hatang import clock
from hatang.log import get_logger
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

LONG_SECONDS: Final = 2.0
"""A fifth of the busy timeout: five such in a row, and somebody is turned away."""
_BEGAN: Final = "hatang_write_began"
_ROOT: Final = Path(__file__).parents[2]
_OWN: Final = Path(__file__).parent

HELD: Final = Histogram(
    "hatang_database_write_seconds",
    "For how long a transaction of this process kept all others from writing (SQLite only).",
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 2, 5, 10, 30),
    registry=REGISTRY,
)
_logger = get_logger(__name__)


def begun(connection: Connection) -> None:
    """Note that `connection` has the lock from now on."""
    connection.info[_BEGAN] = clock.monotonic()


@contextmanager
def watched(connection: Connection) -> Iterator[None]:
    """Count how long the lock is held within the block, if it is taken at all."""
    connection.info.pop(_BEGAN, None)
    try:
        yield
    finally:
        began = connection.info.pop(_BEGAN, None)
        if began is not None:
            _count(clock.monotonic() - began)


def _count(seconds: float) -> None:
    HELD.observe(seconds)
    if seconds >= LONG_SECONDS:
        _logger.warning("%s kept all others from writing for %.1f s", _holder(), seconds)


def _holder() -> str:
    """Return where in hatang the transaction was opened, as `file:line function`."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to the frames of the caller
    while frame.f_back is not None:
        frame = frame.f_back
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_ROOT) and _OWN not in path.parents and ".venv" not in path.parts:
            return f"{path.relative_to(_ROOT)}:{frame.f_lineno} {frame.f_code.co_name}"
    return "somebody"
