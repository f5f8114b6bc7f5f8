"""Figures beside what was aimed at."""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 30


class Watch:
    """Runs from when it is made; each look tells the time passed until then."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), _worked()

    @property
    def seconds(self) -> float:
        """The time passed."""
        return time.perf_counter() - self._began

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {_worked() - self._worked:.1f} s of it CPU"


def _worked() -> float:
    """Return the CPU seconds of this process and of its children that ended."""
    return sum(os.times()[:4])


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return how long each of `rounds` calls took, sorted; one before them is not counted."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def middle(taken: list[float]) -> float:
    return statistics.median(taken)


def p95(taken: list[float]) -> float:
    return taken[int(len(taken) * 0.95)]


def judged(told: str, value: float, goal: float | None, unit: str) -> str:
    """Return the line `told`, the goal, and whether `value` meets it."""
    if goal is None:
        return f"  {told}; no goal"
    word = "met" if value < goal else "MISSED"
    return f"  {told}; goal < {goal:g} {unit}: {word}"
