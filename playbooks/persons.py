"""Who asked for changes, standard changes and runs, and who said how devices are to be."""

from __future__ import annotations

from hatang.persons import Held, hold
from playbooks.models import Change, IntendedConfiguration, PlaybookRun, StandardChange

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
        "playbooks.intended",
        IntendedConfiguration.id,
        IntendedConfiguration.set_at,
        (IntendedConfiguration.set_by,),
    )
)
