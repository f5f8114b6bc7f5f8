"""Poly RealPresence DMA (Clariti): its REST API on port 8443; RMX, RPRM and DMA over SNMP.

Source: the DMA API's published resources `conferences`, `active-calls`, `active-calls/statistics`,
in `application/vnd.plcm.*+json`. It tells no loss and no jitter. What is at `snmp://` is read by
`poly_snmp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from conference import agents
from conference.bridges import answers, poly_snmp
from conference.bridges.status import BridgeStatus, Conference, Participant, Stream
from conference.choices import BridgeState
from conference.sums import total
from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from conference.bridges.protocol import BridgeAccess, OpenClient

API: Final = "/api/rest"
_JSON: Final = "application/vnd.plcm.plcm-{}+json"
FIELDS: Final = frozenset(
    {
        *("participants", "ports_used", "ports_total", "conferences", "api_latency_seconds"),
        "rx.bitrate_bps",
    }
)
_KINDS: Final = ("h323Calls", "sipCalls", "webrtcCalls")


class PolyDriver:
    """Reads a Poly DMA by REST, and an RMX, RPRM or DMA at `snmp://` by its agent."""

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return conferences, calls of each kind, and how many the licences allow."""
        with observe("driver", "poly"):
            if agents.is_agent(access.url):
                return await poly_snmp.status(access)
            async with open_client(access.url) as client:
                started = clock.monotonic()
                path = "active-calls/statistics"
                clusters = await _list(client, access, path, "active-call-statistics-list")
                latency = clock.monotonic() - started
                rooms = await _list(client, access, "conferences", "conference-list")
        kinds = [answers.whole(cluster.get(kind)) for cluster in clusters for kind in _KINDS]
        # A DMA without WebRTC tells no webrtcCalls; one that tells no kind at all tells nothing.
        known = [count for count in kinds if count is not None]
        named = {kind for cluster in clusters for kind in _KINDS[:2] if kind in cluster}
        used = sum(known) if named == set(_KINDS[:2]) else None
        return BridgeStatus(
            state=BridgeState.UP,
            api_latency_seconds=latency,
            participants=used,
            ports_used=used,
            ports_total=total(answers.whole(one.get("callLimit")) for one in clusters)
            if clusters
            else None,
            conferences=tuple(_conference(room) for room in rooms),
            fields_supported=FIELDS,
        )

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Return the calls, by who called; raises DriverError NOT_SUPPORTED of an SNMP agent."""
        if agents.is_agent(access.url):
            raise DriverError("the bridge does not tell who is in", Reason.NOT_SUPPORTED)
        with observe("driver", "poly"):
            async with open_client(access.url) as client:
                calls = await _list(client, access, "active-calls", "active-call-list")
        return tuple(_participant(call) for call in calls)


async def _list(
    client: httpx.AsyncClient, access: BridgeAccess, path: str, kind: str
) -> list[dict[str, Any]]:
    """Return the one list of an answer, whatever the version calls it."""
    response = await client.get(
        f"{API}/{path}",
        headers={"Accept": _JSON.format(kind)},
        auth=httpx.BasicAuth(access.username, access.secret),
    )
    if response.status_code == httpx.codes.NO_CONTENT:
        return []
    lists = [one for one in answers.json_object(response).values() if isinstance(one, list)]
    if len(lists) != 1 or not all(isinstance(one, dict) for one in lists[0]):
        raise DriverError(f"{path} answers no list", Reason.PROTOCOL_ERROR)
    return list(lists[0])


def _conference(room: dict[str, Any]) -> Conference:
    number = answers.text(room.get("conferenceIdentifier"))
    name = answers.text(room.get("conferenceRoomIdentifier")) or number or ""
    return Conference(number or name, name, answers.whole(room.get("participantCount")))


def _participant(call: dict[str, Any]) -> Participant:
    number = answers.text(call.get("callUuid"))
    if number is None:
        raise DriverError("a call has no callUuid", Reason.PROTOCOL_ERROR)
    source, goal = call.get("sourceCallLeg"), call.get("destinationCallLeg")
    near = source if isinstance(source, dict) else {}
    far = goal if isinstance(goal, dict) else {}
    rate = answers.scaled(call.get("currentBitrate"), 1000)
    return Participant(
        conference=answers.text(far.get("alias")) or "",
        remote_id=number,
        display_name=answers.text(near.get("name")) or "",
        remote_uri=answers.text(near.get("alias")),
        remote_ip=answers.text(near.get("ipAddress"), 45),
        streams=(Stream("rx", "video", bitrate_bps=rate),),
    )
