"""Playbook runs through ansible-runner, with every event kept as it happens."""

from __future__ import annotations

from playbooks.runs.service import EventRow, RunRow, get_run, list_events, list_runs, request

__all__ = ["EventRow", "RunRow", "get_run", "list_events", "list_runs", "request"]
