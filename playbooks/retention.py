"""Events of old playbook runs, whose recap stays, and drifts that have long ended."""

from __future__ import annotations

from typing import Final

from hatang.retention import Policy, keep
from playbooks.models import PastDrift, PlaybookEvent

RUN_EVENTS: Final = keep(
    Policy(
        name="playbooks.run-events",
        days=lambda settings: settings.retention.run_events_days,
        key=PlaybookEvent.id,
        doomed=lambda before: PlaybookEvent.at < before,
    )
)
PAST_DRIFTS: Final = keep(
    Policy(
        name="playbooks.past-drifts",
        days=lambda settings: settings.retention.drifts_days,
        key=PastDrift.id,
        doomed=lambda before: PastDrift.ended_at < before,
    )
)
