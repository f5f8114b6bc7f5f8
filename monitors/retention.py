"""Transitions and hints too old to be asked for; what is true now stands in the elements."""

from __future__ import annotations

from typing import Final

from hatang.retention import Policy, keep
from monitors.models import HintRow, SilenceRow, TransitionRow

TRANSITIONS: Final = keep(
    Policy(
        name="monitors.transitions",
        days=lambda settings: settings.retention.transitions_days,
        key=TransitionRow.id,
        doomed=lambda before: TransitionRow.at < before,
    )
)
SILENCES: Final = keep(
    Policy(
        name="monitors.silences",
        days=lambda settings: settings.retention.transitions_days,
        key=SilenceRow.id,
        doomed=lambda before: SilenceRow.ends_at < before,
    )
)
HINTS: Final = keep(
    Policy(
        name="monitors.hints",
        days=lambda settings: settings.retention.hints_days,
        key=HintRow.id,
        doomed=lambda before: HintRow.last_at < before,
    )
)
