"""Waiting for a job by asking the records, gently."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.jobs import runs

if TYPE_CHECKING:
    from hatang.db import Database
    from hatang.jobs.registry import JobStatus

_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.5


def wait(db: Database, key: str, timeout: float) -> JobStatus:
    """Return the job's status once it ended, or as it is after `timeout` seconds."""
    deadline = clock.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        with db.read() as session:
            status = runs.status(session, key)
        left = deadline - clock.monotonic()
        if status.ended or left <= 0:
            return status
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
