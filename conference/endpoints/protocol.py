"""What hatang asks of an endpoint: the codec or terminal in a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from conference.bridges.protocol import OpenClient
    from conference.endpoints.status import EndpointStatus
    from hatang.drivers.target import SnmpLogin


@dataclass(frozen=True, slots=True)
class EndpointAccess:
    """Where an endpoint is and what opens it; the secret shows in no repr.

    `problem` is why it cannot be asked at all, as without the credential that it names. What its
    agent answers is also kept in `record`.
    """

    key: str
    name: str
    driver: str
    url: str
    secret: str = ""
    username: str = ""
    problem: str = ""
    allow_local: bool = False
    snmp: SnmpLogin | None = None
    record: Path | None = None

    def __repr__(self) -> str:
        return f"EndpointAccess(key={self.key!r}, url={self.url!r})"


class EndpointDriver(Protocol):
    """Reads one kind of endpoint."""

    async def status(self, access: EndpointAccess, open_client: OpenClient) -> EndpointStatus:
        """Return how the endpoint is; raises DriverError when it does not answer as it should."""
        ...
