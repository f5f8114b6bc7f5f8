"""The worker's threads: each has one duty, and none ends unseen."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Gauge

from hatang import log
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0

UP: Final = Gauge(
    "hatang_worker_duty_up", "1 while a duty of the worker runs.", ["duty"], registry=REGISTRY
)
FAILURES: Final = Counter(
    "hatang_worker_duty_failures_total",
    "How often a duty of the worker failed and was begun again.",
    ["duty"],
    registry=REGISTRY,
)
_logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that runs until its event is set; returning earlier is a failure as well."""

    name: str
    run: Callable[[threading.Event], None]


def every(seconds: float, work: Callable[[], object]) -> Callable[[threading.Event], None]:
    """Return a duty's body that does `work` at once and then every `seconds`."""

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            work()
            stop.wait(seconds)

    return run


class Crew:
    """Runs duties in threads; one that fails is logged, counted and begun again, ever later."""

    def __init__(self, duties: Sequence[Duty], first_pause: float = FIRST_PAUSE) -> None:
        self._stop = threading.Event()
        self._first_pause = first_pause
        self._threads = [
            threading.Thread(target=self._keep, args=(duty,), name=duty.name, daemon=True)
            for duty in duties
        ]

    def start(self) -> None:
        """Begin every duty."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> list[str]:
        """Tell every duty to end and wait; return the names of those that did not."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout)
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _keep(self, duty: Duty) -> None:
        pause = self._first_pause
        while not self._stop.is_set():
            UP.labels(duty.name).set(1)
            try:
                duty.run(self._stop)
            except Exception:
                _logger.exception("%s failed and begins again in %s s", duty.name, pause)
            UP.labels(duty.name).set(0)
            if self._stop.is_set():
                return
            FAILURES.labels(duty.name).inc()
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
