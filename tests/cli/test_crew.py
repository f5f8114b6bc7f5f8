"""A duty of the worker never ends unseen."""

from __future__ import annotations

import threading

from cli.crew import FAILURES, UP, Crew, Duty, every

DEADLINE = 5.0


def test_a_duty_that_fails_is_counted_and_begun_again() -> None:
    runs, again = [], threading.Event()

    def fail(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) == 3:
            again.set()
            stop.wait()
        raise RuntimeError("once more")

    before = FAILURES.labels("flaky")._value.get()
    crew = Crew([Duty("flaky", fail)], first_pause=0.001)
    crew.start()
    assert again.wait(DEADLINE)
    assert UP.labels("flaky")._value.get() == 1
    assert crew.stop(DEADLINE) == []
    assert FAILURES.labels("flaky")._value.get() == before + 2
    assert UP.labels("flaky")._value.get() == 0


def test_a_duty_that_returns_has_failed_too() -> None:
    runs, again = [], threading.Event()

    def leave(_stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) > 1:
            again.set()

    crew = Crew([Duty("leaver", leave)], first_pause=0.001)
    crew.start()
    assert again.wait(DEADLINE)
    assert crew.stop(DEADLINE) == []


def test_a_duty_that_does_not_end_is_named() -> None:
    held = threading.Event()
    crew = Crew([Duty("stuck", lambda _stop: _hold(held))])
    crew.start()
    assert crew.stop(0.01) == ["stuck"]
    held.set()


def test_repeated_work_is_done_at_once_and_again() -> None:
    stop, seen = threading.Event(), []

    def work() -> None:
        seen.append(1)
        if len(seen) == 2:
            stop.set()

    every(0.001, work)(stop)
    assert len(seen) == 2


def _hold(event: threading.Event) -> None:
    event.wait()
