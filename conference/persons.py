"""Who answered for checks of meetings, who is called what, and whose tokens bridges have."""

from __future__ import annotations

from conference.models import Alias, IngestKey, Waiver
from hatang.persons import Held, hold

hold(Held("conference.aliases", Alias.id, Alias.created_at, (Alias.actor,)))
hold(Held("conference.tokens", IngestKey.bridge_id, IngestKey.created_at, (IngestKey.actor,)))
hold(Held("conference.waivers", Waiver.id, Waiver.expires_at, (Waiver.actor,)))
