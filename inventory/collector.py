"""Holds Python's cycle collector while an import is worked on, and gives the memory back after.

A plan of a province is a million small objects that all live to its end: the collector would look
through them again and again (a third of the time, measured), and find nothing.
"""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

GREW_BYTES: Final = 64 * 1024 * 1024
"""So much more memory than before is worth the looking through of all that lives."""
_RESIDENT: Final = Path("/proc/self/statm")


@contextmanager
def held() -> Iterator[None]:
    """Collect no cycles within; two at once only start it again a little early."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def given_back() -> Iterator[None]:
    """Return to the system, at the end, the memory of what lived within, when it was much.

    A plan of a province takes hundreds of megabytes, and a freed heap is kept by the C library:
    a process that serves for months would stay as large as the largest file it was ever shown.
    """
    before = _resident()
    try:
        yield
    finally:
        if _resident() - before > GREW_BYTES:
            gc.collect()
            # glibc has it; where another C library is, freed memory stays with the process.
            trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
            if trim is not None:
                trim(0)


def _resident() -> int:
    """Return the bytes of this process in memory; 0 where /proc is not."""
    try:
        return int(_RESIDENT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
