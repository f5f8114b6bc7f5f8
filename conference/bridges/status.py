"""How a bridge answers; a field nobody measured is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from conference.choices import BridgeState


@dataclass(frozen=True, slots=True)
class Conference:
    """A conference that runs on a bridge now."""

    remote_id: str
    name: str
    participant_count: int | None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a participant as the bridge tells it; what it does not tell is None.

    `direction` is `rx` from the room to the bridge, `tx` from the bridge to the room. `packets` and
    `packets_lost` count from the beginning of the call; `loss_ratio` is of the bridge's own window.
    """

    direction: str
    media: str
    packets: int | None = None
    packets_lost: int | None = None
    loss_ratio: float | None = None
    jitter_seconds: float | None = None
    rtt_seconds: float | None = None
    bitrate_bps: float | None = None
    codec: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a conference, by the bridge's own identifiers."""

    conference: str
    remote_id: str
    display_name: str
    remote_uri: str | None = None
    remote_ip: str | None = None
    streams: tuple[Stream, ...] = ()


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """A bridge as it answered; `fields_supported` names what this bridge can tell at all.

    `conferences_active` is of one that counts its conferences and does not name them;
    registrations are those of the rooms that register with it.
    """

    state: BridgeState
    api_latency_seconds: float | None
    version: str | None = None
    participants: int | None = None
    ports_used: int | None = None
    ports_total: int | None = None
    conferences: tuple[Conference, ...] = ()
    fields_supported: frozenset[str] = frozenset()
    reason: str = ""
    alarms: tuple[str, ...] = ()
    media_load_ratio: float | None = None
    certificate_expires_at: datetime | None = None
    clock_offset_seconds: float | None = None
    conferences_active: int | None = None
    registrations_active: int | None = None
    registrations_inactive: int | None = None

    @property
    def ports_free(self) -> int | None:
        """Ports nobody uses; None when either figure is unknown."""
        if self.ports_total is None or self.ports_used is None:
            return None
        return self.ports_total - self.ports_used
