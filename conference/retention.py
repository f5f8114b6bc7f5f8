"""Old answers about meetings, with all their checks."""

from __future__ import annotations

from typing import Final

from conference.models import Participant, ReadinessCheck, ReadinessRun, Window
from hatang.retention import Policy, keep

READINESS: Final = keep(
    Policy(
        name="conference.readiness",
        days=lambda settings: settings.retention.readiness_days,
        key=ReadinessRun.id,
        doomed=lambda before: ReadinessRun.finished_at < before,
        parts=(ReadinessCheck.run_id,),
    )
)
PARTICIPANTS: Final = keep(
    Policy(
        name="conference.participants",
        days=lambda settings: settings.retention.readiness_days,
        key=Participant.id,
        doomed=lambda before: Participant.joined_at < before,
        parts=(Window.participant_id,),
    )
)
