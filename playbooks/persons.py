"""Who asked for changes, runs and what repeats them, and who said how devices are to be."""

from __future__ import annotations

from hatang.persons import Held, hold
from playbooks.models import (
    Change,
    IntendedConfiguration,
    PlaybookRun,
    PlaybookSchedule,
    StandardChange,
)

hold(Held("playbooks.changes", Change.id, Change.created_at, (Change.requester,)))
hold(Held("playbooks.runs", PlaybookRun.id, PlaybookRun.created_at, (PlaybookRun.requester,)))
hold(
    Held(
        "playbooks.standard-changes",
        StandardChange.id,
        StandardChange.expires_at,
        (StandardChange.requester,),
    )
)
hold(
    Held(
        "playbooks.schedules",
        PlaybookSchedule.id,
        PlaybookSchedule.ends_at,
        (PlaybookSchedule.requester,),
    )
)
hold(
    Held(
        "playbooks.intended",
        IntendedConfiguration.id,
        IntendedConfiguration.set_at,
        (IntendedConfiguration.set_by,),
    )
)
