"""Pexip Infinity: its management node's status API.

Source: docs.pexip.com/api_manage/api_status.htm, and the field names of Pexip's own
`go-infinity-sdk` (status/models.go). Rates are kbit/s, loss per cent. Pages follow `meta.next`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from conference.bridges import answers
from conference.bridges.status import BridgeStatus, Conference, Participant, Stream
from conference.choices import BridgeState
from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conference.bridges.protocol import BridgeAccess, OpenClient

API: Final = "/api/admin/status/v1"
PAGE: Final = 100
FIELDS: Final = frozenset(
    {
        *("participants", "ports_used", "ports_total", "conferences", "api_latency_seconds"),
        *("alarms", "media_load_ratio", "version"),
        *(f"{way}.{name}" for way in ("rx", "tx")
          for name in ("packets", "packets_lost", "loss_ratio", "jitter_seconds", "bitrate_bps")),
    }
)  # fmt: skip


class PexipDriver:
    """Reads a Pexip Infinity platform."""

    async def status(self, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
        """Return conferences with their participants, licences, and the busiest node's load."""
        with observe("driver", "pexip"):
            async with open_client(access.url) as client:
                node = _Node(client, access)
                started = clock.monotonic()
                licences = await node.all("licensing")
                latency = clock.monotonic() - started
                rooms = await node.all("conference")
                people = await node.all("participant")
                workers = await node.all("worker_vm")
                alarms = await node.all("alarm")
        licence = licences[0] if licences else {}
        loads = [answers.scaled(worker.get("media_load"), 0.01) for worker in workers]
        known = [load for load in loads if load is not None]
        return BridgeStatus(
            state=BridgeState.DEGRADED if alarms else BridgeState.UP,
            api_latency_seconds=latency,
            version=next((found for one in workers if (found := answers.text(one.get("version")))),
                         None),
            participants=len(people),
            ports_used=answers.whole(licence.get("port_count")),
            ports_total=answers.whole(licence.get("port_total")),
            conferences=tuple(_conference(room, people) for room in rooms),
            fields_supported=FIELDS,
            alarms=tuple(answers.text(one.get("name")) or "alarm" for one in alarms),
            media_load_ratio=max(known, default=None),
        )  # fmt: skip

    async def participants(
        self, access: BridgeAccess, open_client: OpenClient
    ) -> tuple[Participant, ...]:
        """Return everybody with their streams."""
        with observe("driver", "pexip"):
            async with open_client(access.url) as client:
                node = _Node(client, access)
                people = await node.all("participant")
                streams = await answers.each([_id(one) for one in people], node.streams)
        return tuple(
            Participant(
                conference=answers.text(one.get("conference")) or "",
                remote_id=_id(one),
                display_name=answers.text(one.get("display_name")) or "",
                remote_uri=answers.text(one.get("source_alias")) or answers.text(one.get("alias")),
                remote_ip=answers.text(one.get("remote_address"), 45),
                streams=tuple(part for told in own for part in _streams(told)),
            )
            for one, own in zip(people, streams, strict=True)
        )


class _Node:
    """Questions to the management node."""

    def __init__(self, client: httpx.AsyncClient, access: BridgeAccess) -> None:
        self._client = client
        self._auth = httpx.BasicAuth(access.username, access.secret)

    async def all(self, name: str) -> list[dict[str, Any]]:
        """Return all objects of a resource, page by page."""
        found: list[dict[str, Any]] = []
        for _ in range(answers.MOST_PAGES):
            params = {"limit": str(PAGE), "offset": str(len(found))}
            response = await self._client.get(f"{API}/{name}/", params=params, auth=self._auth)
            page = answers.json_object(response)
            own, meta = page.get("objects"), page.get("meta")
            if not isinstance(own, list) or not all(isinstance(one, dict) for one in own):
                raise DriverError(f"{name} lists no objects", Reason.PROTOCOL_ERROR)
            found += own
            if not isinstance(meta, dict) or "next" not in meta:
                raise DriverError(f"{name} does not tell whether more follows",
                                  Reason.PROTOCOL_ERROR)  # fmt: skip
            if not own or meta["next"] is None:
                return found
        raise DriverError(f"{name} never ends", Reason.PROTOCOL_ERROR)

    async def streams(self, participant: str) -> list[dict[str, Any]]:
        """Return the streams of a participant, none of one that has left."""
        path = f"{API}/participant/{quote(participant, safe='')}/media_stream/"
        response = await self._client.get(path, auth=self._auth)
        if response.status_code == httpx.codes.NOT_FOUND:
            return []
        own = answers.json_object(response).get("objects")
        if not isinstance(own, list):
            raise DriverError("media_stream lists no objects", Reason.PROTOCOL_ERROR)
        return [one for one in own if isinstance(one, dict)]


def _id(one: dict[str, Any]) -> str:
    found = answers.text(one.get("id"))
    if found is None:
        raise DriverError("a participant has no id", Reason.PROTOCOL_ERROR)
    return found


def _conference(room: dict[str, Any], people: list[dict[str, Any]]) -> Conference:
    name = answers.text(room.get("name")) or ""
    count = sum(one.get("conference") == name for one in people) if name else None
    return Conference(answers.text(room.get("id")) or name, name, count)


def _streams(told: dict[str, Any]) -> Iterator[Stream]:
    media = {"presentation": "content"}.get(str(told.get("type")), str(told.get("type"))[:8])
    for way in ("rx", "tx"):
        yield Stream(
            direction=way,
            media=media,
            packets=_packets(told, way),
            packets_lost=answers.whole(told.get(f"{way}_packets_lost")),
            loss_ratio=answers.scaled(told.get(f"{way}_packet_loss"), 0.01),
            jitter_seconds=answers.scaled(told.get(f"{way}_jitter"), 0.001),
            bitrate_bps=answers.scaled(told.get(f"{way}_bitrate"), 1000),
            codec=answers.text(told.get(f"{way}_codec")),
        )


def _packets(told: dict[str, Any], way: str) -> int | None:
    name = "received" if way == "rx" else "sent"
    return answers.whole(told.get(f"{way}_packets_{name}"))
