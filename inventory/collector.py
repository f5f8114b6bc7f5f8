"""Holds Python's cycle collector while an import is worked on.

A plan of a province is a million small objects that all live to its end: the collector would look
through them again and again (a third of the time, measured), and find nothing.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


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
