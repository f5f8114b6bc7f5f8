"""Who is registered: Kamailio's JSON-RPC (usrloc's `ul.lookup`).

"Registered but silent" is a state of its own: Kamailio keeps a contact until it expires, though
the room stopped answering its keep-alives long before, so the keep-alive's age is what counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

SILENT_AFTER_SECONDS: Final = 90.0
_NOT_FOUND: Final = 404
# What usrloc writes instead of seconds for a contact that it has not cleared away yet.
_OVER: Final = ("expired", "deleted")


@dataclass(frozen=True, slots=True)
class Registration:
    """What the registrar knows of one address of record."""

    registered: bool
    contact: str | None = None
    expires_in_seconds: int | None = None
    last_keepalive_at: datetime | None = None

    def silent_seconds(self, at: datetime) -> float | None:
        """Return how long the room has been silent; None when nothing is known of it."""
        if self.last_keepalive_at is None:
            return None
        return max(0.0, (at - self.last_keepalive_at).total_seconds())


async def lookup(client: httpx.AsyncClient, url: str, user: str) -> Registration:
    """Ask the registrar at `url` for `user`; raises DriverError when it does not answer."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "ul.lookup", "params": ["location", user]}
    with observe("driver", "kamailio"):
        response = await client.post(url, json=request)
        try:
            answer = response.json()
        except ValueError as error:
            raise DriverError("the registrar speaks no JSON", Reason.PROTOCOL_ERROR) from error
        return _registration(answer)


def _registration(answer: Any) -> Registration:
    if not isinstance(answer, dict):
        raise DriverError("the registrar answers no JSON object", Reason.PROTOCOL_ERROR)
    error = answer.get("error")
    if isinstance(error, dict):
        if error.get("code") == _NOT_FOUND:
            return Registration(registered=False)
        raise DriverError(f"the registrar refuses: {error.get('message')}", Reason.REJECTED)
    result = answer.get("result")
    contacts = result.get("Contacts") if isinstance(result, dict) else None
    if not isinstance(contacts, list):
        raise DriverError("the registrar lists no contacts", Reason.PROTOCOL_ERROR)
    entries = [entry.get("Contact") for entry in contacts if isinstance(entry, dict)]
    known = [
        each for each in entries if isinstance(each, dict) and each.get("Expires") not in _OVER
    ]
    if not known:
        return Registration(registered=False)
    latest = max(known, key=lambda contact: _number(contact, "Last-Keepalive") or 0)
    return Registration(
        registered=True,
        contact=latest.get("Address"),
        expires_in_seconds=_number(latest, "Expires"),
        last_keepalive_at=_moment(_number(latest, "Last-Keepalive")),
    )


def _number(contact: dict[str, Any], field: str) -> int | None:
    value = contact.get(field)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(seconds: int | None) -> datetime | None:
    return None if not seconds else clock.from_timestamp(seconds)
