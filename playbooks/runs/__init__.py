"""Playbook runs through ansible-runner, with every event kept as it happens."""

from __future__ import annotations

from playbooks.runs.reading import get_run, list_events, list_runs
from playbooks.runs.rows import EventRow, RunRow
from playbooks.runs.service import cancel, decide, request, retry, start

__all__ = [
    "EventRow",
    "RunRow",
    "cancel",
    "decide",
    "get_run",
    "list_events",
    "list_runs",
    "request",
    "retry",
    "start",
]
