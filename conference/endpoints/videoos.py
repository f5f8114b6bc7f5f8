"""Poly VideoOS (G7500, X series) and Group Series: their REST API behind a session.

Source: the open AVI-SPL adapter for Poly VideoOS: `POST rest/session` and its cookie,
`rest/system/sipservers`, `rest/system/h323gatekeepers`, `rest/conferences` and each one's
`mediastats`. Rates are kbit/s, jitter milliseconds, loss per cent. RX is what the endpoint
receives. Failed logins lock the account: `conference.service.bridges.Refusals` repeats none.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from conference.bridges import answers
from conference.bridges.status import Stream
from conference.endpoints.status import EndpointStatus
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from conference.bridges.protocol import OpenClient
    from conference.endpoints.protocol import EndpointAccess

FIELDS: Final = frozenset(
    {*("registered", "active_calls"), *("loss_ratio", "packets_lost", "jitter_seconds",
                                        "bitrate_bps", "codec")}
)  # fmt: skip
_DIRECTIONS: Final = {"TX": "rx", "RX": "tx"}
_MOST_CALLS: Final = 8


class VideoOsDriver:
    """Reads a Poly endpoint."""

    async def status(self, access: EndpointAccess, open_client: OpenClient) -> EndpointStatus:
        """Return registration, how many calls it is in, and their streams."""
        with observe("driver", "videoos"):
            async with open_client(access.url) as client:
                await _log_in(client, access)
                try:
                    servers = await _list(client, "/rest/system/sipservers")
                    keepers = await _list(client, "/rest/system/h323gatekeepers")
                    calls = await _list(client, "/rest/conferences")
                    streams = [
                        stream for call in calls[:_MOST_CALLS]
                        for stream in await _media(client, call)
                    ]  # fmt: skip
                finally:
                    # An endpoint holds a few sessions only; one left behind keeps people out.
                    with suppress(DriverError):
                        await client.delete("/rest/current/session")
        states = [
            state for one in [*servers, *keepers] if (state := answers.text(one.get("state")))
        ]
        return EndpointStatus(
            registered=any(state.lower() == "up" for state in states) if states else None,
            registration_reason=next((one for one in states if one.lower() != "up"), ""),
            active_calls=len(calls),
            streams=tuple(streams),
            fields_supported=FIELDS,
        )


async def _log_in(client: httpx.AsyncClient, access: EndpointAccess) -> None:
    body = {"user": access.username, "password": access.secret}
    answers.checked(await client.post("/rest/session", json=body))
    if not client.cookies:
        raise DriverError(f"{access.key}: opens no session", Reason.PROTOCOL_ERROR)


async def _list(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    response = answers.checked(await client.get(path))
    try:
        found = response.json()
    except ValueError as error:
        raise DriverError(f"{path} speaks no JSON", Reason.PROTOCOL_ERROR) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DriverError(f"{path} answers no list", Reason.PROTOCOL_ERROR)
    return found


async def _media(client: httpx.AsyncClient, call: dict[str, Any]) -> Iterator[Stream]:
    number = str(call.get("id", ""))
    if not number.isalnum():
        raise DriverError("a call has no id", Reason.PROTOCOL_ERROR)
    return _streams(await _list(client, f"/rest/conferences/{number}/mediastats"))


def _streams(told: list[dict[str, Any]]) -> Iterator[Stream]:
    for one in told:
        direction = _DIRECTIONS.get(answers.text(one.get("mediaDirection")) or "")
        media = (answers.text(one.get("mediaType")) or "").lower()
        if direction is None or media not in ("audio", "video", "content"):
            continue
        yield Stream(
            direction=direction,
            media=media,
            packets_lost=answers.whole(one.get("packetLoss")),
            loss_ratio=answers.scaled(one.get("percentPacketLoss"), 0.01),
            jitter_seconds=answers.scaled(one.get("jitter"), 0.001),
            bitrate_bps=answers.scaled(one.get("actualBitRate"), 1000),
            codec=answers.text(one.get("mediaAlgorithm")),
        )
