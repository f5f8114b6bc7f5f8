"""A stand-in for a Poly DMA, made from the published names of its REST API.

It answers what it was asked to answer in, and 406 when that is not its own kind of JSON.
"""

from __future__ import annotations

import httpx

from tests.conference.bridges.server import Server

CALLS = [
    {
        "callUuid": "call-7",
        "requestedBitrate": 2048,
        "currentBitrate": 1920,
        "signalingType": "SIP",
        "sourceCallLeg": {"alias": "sip:xa-01@tinh.test", "name": "Xã 01",
                          "ipAddress": "10.9.1.2"},
        "destinationCallLeg": {"alias": "71000"},
    }
]  # fmt: skip
ANSWERS = {
    "active-calls/statistics": {
        "plcmActiveCallStatisticsList": [
            {"clusterName": "dc", "h323Calls": 2, "sipCalls": 5, "callLimit": 120},
            {"clusterName": "dr", "h323Calls": 0, "sipCalls": 0, "webrtcCalls": 1,
             "callLimit": 40},
        ]
    },
    "conferences": {
        "plcmConferenceList": [
            {"conferenceIdentifier": "c-1", "conferenceRoomIdentifier": "71000",
             "participantCount": 8}
        ]
    },
    "active-calls": {"plcmActiveCallList": CALLS},
}  # fmt: skip


class PolyServer(Server):
    """Two clusters with eight calls."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        kind = request.headers.get("Accept", "")
        if not (kind.startswith("application/vnd.plcm.") and kind.endswith("+json")):
            return httpx.Response(406)
        path = request.url.path.removeprefix("/api/rest/")
        return httpx.Response(200, json=ANSWERS[path]) if path in ANSWERS else httpx.Response(404)
