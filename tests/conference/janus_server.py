"""A stand-in for Janus' HTTP APIs, apart from the driver, refusing what the real one refuses."""

from __future__ import annotations

import json
from typing import Any

import httpx

SECRET = "lab-admin"
ROOM = {"room": 1234, "description": "Giao ban", "num_participants": 3}

# As a real Janus 1.1.2 answered handle_info, shortened.
PUBLISHER: dict[str, Any] = {
    "session_id": 7,
    "plugin_specific": {"type": "publisher", "room": 1234, "id": 84, "display": "Xã Tân Lập"},
    "webrtc": {
        "media": {
            "0": {
                "type": "video",
                "direction": {"send": False, "recv": True},
                "rtcp": {"main": {"rtt": 0, "lost": 16, "lost-by-remote": 0, "jitter-local": 5}},
                "stats": {"in": {"packets": 484, "bytes_lastsec": 126300}, "out": {"packets": 0}},
            }
        }
    },
}
SUBSCRIBER: dict[str, Any] = {
    "session_id": 7,
    "plugin_specific": {"type": "subscriber", "room": 1234},
    "webrtc": {"media": {"0": {"type": "video", "direction": {"send": True, "recv": False},
                               "rtcp": {"main": {"rtt": 3}}}}},
}  # fmt: skip


class FakeJanus:
    """Holds sessions as Janus does; `rename` renames a field of every answer, `twist` sets it."""

    def __init__(self, rename: tuple[str, str] | None = None) -> None:
        self.sessions: set[int] = set()
        self.rename = rename
        self.twist: dict[str, Any] = {}
        self.destroyed = 0
        self.handles: dict[int, dict[str, Any]] = {1: PUBLISHER, 2: SUBSCRIBER}
        self.people = [7]
        self.asked: list[str] = []

    def open_client(self, base_url: str) -> httpx.AsyncClient:
        transport = httpx.MockTransport(self.handle)
        return httpx.AsyncClient(base_url=base_url, transport=transport)

    def handle(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path == "/janus/info":
            return self._answer({"janus": "server_info", "version_string": "1.1.2"})
        body = json.loads(request.content)
        if "transaction" not in body:
            return self._error(456)
        parts = request.url.path.strip("/").split("/")
        return (
            self._admin(parts[1:], body) if parts[0] == "admin" else self._client(parts[1:], body)
        )

    def _admin(self, path: list[str], body: dict[str, Any]) -> httpx.Response:
        if body.get("admin_secret") != SECRET:
            return self._error(403)
        self.asked.append(body["janus"])
        if body["janus"] == "list_sessions":
            return self._answer({"janus": "success", "sessions": self.people})
        if int(path[0]) not in self.people:
            return self._error(458)
        if body["janus"] == "list_handles":
            return self._answer({"janus": "success", "handles": list(self.handles)})
        info = self.handles.get(int(path[1]))
        return (
            self._error(459) if info is None else self._answer({"janus": "success", "info": info})
        )

    def _client(self, path: list[str], body: dict[str, Any]) -> httpx.Response:
        if not path and body["janus"] == "create":
            self.sessions.add(42)
            return self._answer({"janus": "success", "data": {"id": 42}})
        if int(path[0]) not in self.sessions:
            return self._error(458)
        if body["janus"] == "destroy":
            self.destroyed += 1
            return self._answer({"janus": "success"})
        if body["janus"] == "attach":
            return self._answer({"janus": "success", "data": {"id": 9}})
        data = {"videoroom": "success", "list": [ROOM]}
        return self._answer({"janus": "success", "plugindata": {"data": data}})

    def _answer(self, body: dict[str, Any]) -> httpx.Response:
        text = json.dumps(body | {k: v for k, v in self.twist.items() if k in body})
        if self.rename:
            text = text.replace(f'"{self.rename[0]}"', f'"{self.rename[1]}"')
        return httpx.Response(200, text=text)

    def _error(self, code: int) -> httpx.Response:
        return httpx.Response(200, json={"janus": "error", "error": {"code": code, "reason": "no"}})
