"""The two colours of a proof: `check` functions raise Red, and a sabotage must make them."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLL_SECONDS = 0.3


class Red(AssertionError):  # noqa: N818 - it is a verdict, not an error
    """The proof failed: what was promised does not hold."""


def hold(promise: bool, otherwise: str) -> None:
    """Raise Red, saying what is wrong, unless the promise holds."""
    if not promise:
        raise Red(otherwise)


@contextmanager
def turns_red() -> Iterator[None]:
    """Demand that the check inside turns red; any other exception is a fault of the proof."""
    with pytest.raises(Red):
        yield


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
