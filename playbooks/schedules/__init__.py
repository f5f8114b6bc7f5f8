"""Runs of playbooks that come again: approved once, started each time by themselves.

Refuses: rules nobody can read at a glance (RFC 5545), and a time that is made up for later.
"""

from __future__ import annotations

from playbooks.schedules.reading import get_schedule, list_occurrences, list_schedules
from playbooks.schedules.rows import OccurrenceRow, ScheduleRow
from playbooks.schedules.service import (
    ScheduleDraft,
    decide,
    end,
    pause,
    propose,
    resume,
)

__all__ = [
    "OccurrenceRow",
    "ScheduleDraft",
    "ScheduleRow",
    "decide",
    "end",
    "get_schedule",
    "list_occurrences",
    "list_schedules",
    "pause",
    "propose",
    "resume",
]
