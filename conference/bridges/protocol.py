"""What hatang asks of a bridge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

    from conference.bridges.status import BridgeStatus, Participant
    from hatang.drivers.target import SnmpLogin


@dataclass(frozen=True, slots=True)
class BridgeAccess:
    """Where a bridge is and what opens it; the secret shows in no repr.

    What its agent answers is also kept in `record`.
    """

    key: str
    url: str
    admin_url: str | None
    secret: str
    capacity_ports: int | None
    username: str = ""
    allow_local: bool = False
    snmp: SnmpLogin | None = None
    record: Path | None = None

    def __repr__(self) -> str:
        return f"BridgeAccess(key={self.key!r}, url={self.url!r})"


OpenClient: TypeAlias = "Callable[[str], httpx.AsyncClient]"
"""Gives a client for one origin; its requests raise DriverError, as `open_async_http` does."""


class BridgeDriver(Protocol):
    """Reads one kind of bridge."""

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return how the bridge is; raises DriverError when it does not answer as it should."""
        ...

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Return who is in the bridge's conferences now; raises DriverError as `status`."""
        ...
