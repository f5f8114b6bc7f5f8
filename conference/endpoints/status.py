"""How an endpoint answers; what it does not tell is None, never good and never 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from conference.bridges.status import Stream


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A fault that an endpoint finds in itself, in its own words; `is_grave` says it is no hint."""

    is_grave: bool
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """An endpoint as it answered; `reason` is why it did not.

    `diagnostics` is empty for one that finds no fault in itself, None for one that does not look.
    Streams are told from the room's side: `rx` is what the endpoint sends to the bridge.
    """

    version: str | None = None
    registered: bool | None = None
    registration_reason: str = ""
    active_calls: int | None = None
    diagnostics: tuple[Diagnostic, ...] | None = None
    streams: tuple[Stream, ...] = ()
    certificate_expires_at: datetime | None = None
    clock_offset_seconds: float | None = None
    fields_supported: frozenset[str] = frozenset()
    reason: str = ""
