"""What hatang asks of a bridge, and how it answers; a field nobody measured is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from conference.choices import BridgeState


@dataclass(frozen=True, slots=True)
class BridgeAccess:
    """Where a bridge is and what opens it; the secret shows in no repr."""

    key: str
    url: str
    admin_url: str | None
    secret: str
    capacity_ports: int | None

    def __repr__(self) -> str:
        return f"BridgeAccess(key={self.key!r}, url={self.url!r})"


@dataclass(frozen=True, slots=True)
class Conference:
    """A conference that runs on a bridge now."""

    remote_id: str
    name: str
    participant_count: int | None


@dataclass(frozen=True, slots=True)
class BridgeStatus:
    """A bridge as it answered; `fields_supported` names what this bridge can tell at all."""

    state: BridgeState
    api_latency_seconds: float | None
    version: str | None = None
    participants: int | None = None
    ports_used: int | None = None
    ports_total: int | None = None
    conferences: tuple[Conference, ...] = ()
    fields_supported: frozenset[str] = frozenset()
    reason: str = ""

    @property
    def ports_free(self) -> int | None:
        """Ports nobody uses; None when either figure is unknown."""
        if self.ports_total is None or self.ports_used is None:
            return None
        return self.ports_total - self.ports_used


OpenClient: TypeAlias = "Callable[[str], httpx.AsyncClient]"
"""Gives a client for one origin; its requests raise DriverError, as `open_async_http` does."""


class BridgeDriver(Protocol):
    """Reads one kind of bridge."""

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return how the bridge is; raises DriverError when it does not answer as it should."""
        ...
