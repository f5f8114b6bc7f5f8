"""A stand-in for a Pexip management node, made from its documentation and its SDK's field names.

It wants the closing slash, refuses what is no resource, and hands out two objects at a time.
"""

from __future__ import annotations

import httpx

from tests.conference.bridges.server import Server

PAGE = 2
CONFERENCE = {"id": "c-1", "name": "Giao ban", "is_locked": False, "start_time": "2026-11-23"}
STREAM = {
    "id": "0",
    "type": "video",
    "rx_bitrate": 1024,
    "rx_codec": "H264",
    "rx_jitter": 3,
    "rx_packet_loss": 1.5,
    "rx_packets_lost": 15,
    "rx_packets_received": 985,
    "tx_bitrate": 980,
    "tx_codec": "H264",
    "tx_jitter": 1,
    "tx_packet_loss": 0.0,
    "tx_packets_lost": 0,
    "tx_packets_sent": 1000,
}


def participant(number: int) -> dict[str, object]:
    return {
        "id": f"p-{number}",
        "conference": "Giao ban",
        "display_name": f"Xã {number:02d}",
        "source_alias": f"sip:xa-{number:02d}@tinh.test",
        "remote_address": f"10.9.{number}.2",
        "protocol": "SIP",
        "call_quality": "1_good",
    }


class PexipServer(Server):
    """One conference with three participants on two workers."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/admin/status/v1/")
        if path == request.url.path or not path.endswith("/"):
            return httpx.Response(404)
        if path.startswith("participant/p-"):
            known = path.removesuffix("/media_stream/") != "participant/p-3"
            return self.page(request, [STREAM]) if known else httpx.Response(404)
        objects: dict[str, list[dict[str, object]]] = {
            "conference": [dict(CONFERENCE)],
            "participant": [participant(number) for number in (1, 2, 3)],
            "licensing": [{"port_count": 3, "port_total": 60, "audio_count": 0}],
            "worker_vm": [{"name": "w1", "media_load": 12, "version": "36 (78962.0.0)"},
                          {"name": "w2", "media_load": 44, "version": "36 (78962.0.0)"}],
            "alarm": [],
        }  # fmt: skip
        name = path.rstrip("/")
        return self.page(request, objects[name]) if name in objects else httpx.Response(404)

    def page(self, request: httpx.Request, objects: list[dict[str, object]]) -> httpx.Response:
        offset = int(request.url.params.get("offset", "0"))
        own = objects[offset : offset + PAGE]
        more = offset + PAGE < len(objects)
        meta = {
            "limit": PAGE,
            "offset": offset,
            "total_count": len(objects),
            "next": f"{request.url.path}?offset={offset + PAGE}" if more else None,
        }
        return httpx.Response(200, json={"meta": meta, "objects": own})
