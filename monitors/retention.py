"""Transitions that are too old to be asked for; what is true now stands in the elements."""

from __future__ import annotations

from typing import Final

from hatang.retention import Policy, keep
from monitors.models import TransitionRow

TRANSITIONS: Final = keep(
    Policy(
        name="monitors.transitions",
        days=lambda settings: settings.retention.transitions_days,
        key=TransitionRow.id,
        doomed=lambda before: TransitionRow.at < before,
    )
)
