"""Events of old playbook runs; the run itself with its recap stays."""

from __future__ import annotations

from typing import Final

from hatang.retention import Policy, keep
from playbooks.models import PlaybookEvent

RUN_EVENTS: Final = keep(
    Policy(
        name="playbooks.run-events",
        days=lambda settings: settings.retention.run_events_days,
        key=PlaybookEvent.id,
        doomed=lambda before: PlaybookEvent.at < before,
    )
)
