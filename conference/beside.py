"""What a server's answers say beside their content: until when its certificate holds, its clock."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from hatang import clock

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from conference.bridges.protocol import OpenClient

_HALF_SECOND = 0.5


@dataclass(slots=True)
class Beside:
    """What was noted last; None is what no answer told.

    `clock_offset_seconds` is how far the server's clock is ahead of ours, to half a second: the
    header Date (RFC 9110, 6.6.1) tells whole seconds.
    """

    certificate_expires_at: datetime | None = None
    clock_offset_seconds: float | None = None

    def noting(self, open_client: OpenClient, url: str) -> OpenClient:
        """Return `open_client`; what the server at `url` answers is noted here, no other's."""

        def opened(base_url: str) -> httpx.AsyncClient:
            client = open_client(base_url)
            if base_url != url:
                return client
            hooks = client.event_hooks
            hooks["response"].append(self._note)
            client.event_hooks = hooks
            return client

        return opened

    async def _note(self, response: httpx.Response) -> None:
        self.certificate_expires_at = _expiry(response.extensions.get("network_stream"))
        self.clock_offset_seconds = _offset(response.headers.get("Date"))


def _expiry(stream: Any) -> datetime | None:  # noqa: ANN401 RUF100 - httpcore's stream
    proven = None if stream is None else stream.get_extra_info("ssl_object")
    certificate = None if proven is None else proven.getpeercert()
    expires = (certificate or {}).get("notAfter")
    return None if expires is None else clock.from_timestamp(ssl.cert_time_to_seconds(expires))


def _offset(date: str | None) -> float | None:
    try:
        told = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return None
    if told.tzinfo is None:
        return None
    return (told - clock.now()).total_seconds() + _HALF_SECOND
