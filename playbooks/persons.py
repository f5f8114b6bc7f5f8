"""Who asked for changes, standard changes and runs of playbooks."""

from __future__ import annotations

from hatang.persons import Held, hold
from playbooks.models import Change, PlaybookRun, StandardChange

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
