"""A stand-in for a Poly VideoOS endpoint, made from the published adapter's samples.

It answers nothing without a session, and locks its account after three failed logins.
"""

from __future__ import annotations

import json

import httpx

from tests.conference.bridges.server import PASSWORD, USER

LOCKED_AFTER = 3
ANSWERS: dict[str, object] = {
    "/rest/system/sipservers": [{"address": "10.9.0.2", "state": "up"}],
    "/rest/system/h323gatekeepers": [{"address": "", "state": "off"}],
    "/rest/conferences": [{"id": "1"}],
    "/rest/conferences/1/mediastats": [
        {
            "mediaDirection": "TX",
            "mediaType": "VIDEO",
            "actualBitRate": 1024,
            "jitter": 4,
            "packetLoss": 7,
            "percentPacketLoss": 1.5,
            "mediaAlgorithm": "H.264",
        },
        {"mediaDirection": "RX", "mediaType": "AUDIO", "actualBitRate": 64, "jitter": 1},
    ],
}


class VideoOsServer:
    """Answers as the endpoint would; `rename` is what a field is called instead."""

    def __init__(self, rename: tuple[str, str] | None = None) -> None:
        self.rename = rename
        self.sessions = 0
        self.failed = 0

    def open_client(self, base_url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=base_url, transport=httpx.MockTransport(self.handle))

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if (request.method, path) == ("POST", "/rest/session"):
            return self._log_in(json.loads(request.content))
        if "session_id=s1" not in request.headers.get("Cookie", ""):
            return httpx.Response(403)
        if (request.method, path) == ("DELETE", "/rest/current/session"):
            self.sessions -= 1
            return httpx.Response(200)
        if request.method != "GET":
            return httpx.Response(405)
        if path not in ANSWERS:
            return httpx.Response(404)
        body = json.dumps(ANSWERS[path])
        return httpx.Response(200, text=body.replace(*self.rename) if self.rename else body)

    def _log_in(self, given: dict[str, str]) -> httpx.Response:
        if self.failed >= LOCKED_AFTER:
            return httpx.Response(403)
        if (given.get("user"), given.get("password")) != (USER, PASSWORD):
            self.failed += 1
            return httpx.Response(401)
        self.sessions += 1
        return httpx.Response(200, headers={"Set-Cookie": "session_id=s1; Path=/"})
