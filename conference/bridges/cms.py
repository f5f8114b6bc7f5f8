"""Cisco Meeting Server: its XML API on port 445.

Source: Cisco Meeting Server API Reference Guide: `/system/status`, `/calls`, `/callLegs` with their
`<status>`. Rates are bit/s, jitter and round trip milliseconds, loss per cent. `rx` is what the
bridge receives. It has no port licences in its API: ports are the inventory's, each leg takes one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from conference.bridges import answers
from conference.bridges.status import BridgeStatus, Conference, Participant, Stream
from conference.choices import BridgeState
from conference.sums import total
from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from conference.bridges.protocol import BridgeAccess, OpenClient

API: Final = "/api/v1"
PAGE: Final = 20
FIELDS: Final = frozenset(
    {
        *("version", "participants", "ports_used", "ports_total", "conferences"),
        *("api_latency_seconds", "alarms"),
        *("rx.loss_ratio", "rx.jitter_seconds", "rx.bitrate_bps"),
        *("tx.loss_ratio", "tx.jitter_seconds", "tx.rtt_seconds", "tx.bitrate_bps"),
    }
)


class CmsDriver:
    """Reads a Cisco Meeting Server."""

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return version, spaces with a call, and how many legs there are."""
        with observe("driver", "cms"):
            async with open_client(access.url) as client:
                server = _Server(client, access)
                started = clock.monotonic()
                told = await server.get("/system/status", "status")
                latency = clock.monotonic() - started
                alarms = await server.all("/system/alarms", "alarms", "alarm")
                calls = await server.all("/calls", "calls", "call")
                details = await answers.each([_id(call) for call in calls], server.call)
        used = answers.whole(answers.below(told, "callLegsActive"))
        rooms = tuple(
            _conference(call, detail) for call, detail in zip(calls, details, strict=True) if detail
            is not None
        )  # fmt: skip
        return BridgeStatus(
            state=BridgeState.DEGRADED if alarms else BridgeState.UP,
            api_latency_seconds=latency,
            version=answers.below(told, "softwareVersion"),
            participants=total(room.participant_count for room in rooms),
            ports_used=used,
            ports_total=access.capacity_ports,
            conferences=rooms,
            fields_supported=FIELDS,
            alarms=tuple(answers.below(alarm, "type") or "alarm" for alarm in alarms),
        )

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Return every leg with its streams; one that ends meanwhile is left out."""
        with observe("driver", "cms"):
            async with open_client(access.url) as client:
                server = _Server(client, access)
                legs = await server.all("/callLegs", "callLegs", "callLeg")
                details = await answers.each([_id(leg) for leg in legs], server.leg)
        return tuple(_participant(leg) for leg in details if leg is not None)


class _Server:
    """Questions to one server."""

    def __init__(self, client: httpx.AsyncClient, access: BridgeAccess) -> None:
        self._client = client
        self._auth = httpx.BasicAuth(access.username, access.secret)

    async def get(self, path: str, root: str) -> Element:
        return answers.xml(await self._client.get(API + path, auth=self._auth), root)

    async def all(self, path: str, root: str, name: str) -> list[Element]:
        """Return all elements of a collection, page by page."""
        found: list[Element] = []
        for _ in range(answers.MOST_PAGES):
            params = {"offset": str(len(found)), "limit": str(PAGE)}
            response = await self._client.get(API + path, params=params, auth=self._auth)
            page = answers.xml(response, root)
            own = page.findall(name)
            found += own
            count = answers.whole(page.get("total"))
            if count is None:
                raise DriverError(f"<{root}> tells no total", Reason.PROTOCOL_ERROR)
            if not own or len(found) >= count:
                return found
        raise DriverError(f"<{root}> never ends", Reason.PROTOCOL_ERROR)

    async def call(self, number: str) -> Element | None:
        return await self._one(f"/calls/{number}", "call")

    async def leg(self, number: str) -> Element | None:
        return await self._one(f"/callLegs/{number}", "callLeg")

    async def _one(self, path: str, root: str) -> Element | None:
        response = await self._client.get(API + path, auth=self._auth)
        return (
            None if response.status_code == httpx.codes.NOT_FOUND else answers.xml(response, root)
        )


def _id(element: Element) -> str:
    found = element.get("id")
    if not found or not found.replace("-", "").isalnum():
        raise DriverError(f"a <{element.tag}> has no id", Reason.PROTOCOL_ERROR)
    return found


def _conference(call: Element, detail: Element) -> Conference:
    local = answers.whole(answers.below(detail, "numParticipantsLocal"))
    remote = answers.whole(answers.below(detail, "numParticipantsRemote"))
    # The remote ones are in other servers of a cluster; absent outside one.
    count = None if local is None else local + (remote or 0)
    return Conference(_id(call), answers.below(call, "name") or "", count)


def _participant(leg: Element) -> Participant:
    return Participant(
        conference=answers.below(leg, "call") or "",
        remote_id=_id(leg),
        display_name=answers.below(leg, "name") or "",
        remote_uri=answers.below(leg, "remoteParty"),
        streams=tuple(_streams(leg)),
    )


_NAMES: Final = {
    "rxAudio": ("rx", "audio"),
    "txAudio": ("tx", "audio"),
    "rxVideo": ("rx", "video"),
    "txVideo": ("tx", "video"),
}


def _streams(leg: Element) -> Iterator[Stream]:
    for name, (direction, media) in _NAMES.items():
        for told in leg.findall(f"status/{name}"):
            yield Stream(
                direction=direction,
                media="content" if told.get("role") == "presentation" else media,
                loss_ratio=answers.scaled(answers.below(told, "packetLossPercentage"), 0.01),
                jitter_seconds=answers.scaled(answers.below(told, "jitter"), 0.001),
                rtt_seconds=answers.scaled(answers.below(told, "roundTripTime"), 0.001),
                bitrate_bps=answers.number(answers.below(told, "bitRate")),
                codec=answers.below(told, "codec"),
            )
