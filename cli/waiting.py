"""Waiting for jobs, telling how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.output import say
from hatang.clock import monotonic
from hatang.jobs.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import Database
    from hatang.jobs import JobStatus


def until_ended(db: Database, keys: Sequence[str], timeout: float) -> list[JobStatus]:
    """Return the jobs' states once all ended, or as they are after `timeout` seconds."""
    deadline = monotonic() + timeout
    found = []
    for number, key in enumerate(keys, 1):
        status = wait(db, key, max(0.0, deadline - monotonic()))
        told = f"{status.state} {status.error or status.message}".strip()
        say(f"{number} of {len(keys)}: {key} {told}")
        found.append(status)
    return found
