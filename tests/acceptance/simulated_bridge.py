"""A bridge that says what it is told to, over the status API that Pexip documents. *Simulated*."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = "/api/admin/status/v1/"
Objects = list[dict[str, Any]]


class Bridge:
    """Who is in its one conference, each with the loss of what comes from them, in percent."""

    def __init__(self, loss_by_name: dict[str, float], ports: int) -> None:
        self.loss_by_name = loss_by_name
        self.ports = ports
        self.url = ""

    def objects(self, path: str) -> Objects:
        """Return what stands at a path below the status API."""
        if path.endswith("/media_stream/"):
            return self._streams(path.split("/")[1])
        people = [
            {"id": name, "conference": "hop", "display_name": name} for name in self.loss_by_name
        ]
        told: dict[str, Objects] = {
            "participant": people,
            "conference": [{"id": "hop", "name": "hop"}],
            "licensing": [{"port_count": len(people), "port_total": self.ports}],
            "worker_vm": [{"version": "36", "media_load": 10}],
        }
        return told.get(path.strip("/"), [])

    def _streams(self, name: str) -> Objects:
        loss = self.loss_by_name.get(name)
        if loss is None:
            return []
        told = {"rx_packet_loss": loss, "rx_jitter": 3, "rx_bitrate": 768}
        return [{"id": "0", "type": kind, **told} for kind in ("audio", "video")]


@contextmanager
def speaking(bridge: Bridge) -> Iterator[Bridge]:
    """Let the bridge answer on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            offset, limit = (int(query.get(key, [fallback])[0])
                             for key, fallback in (("offset", "0"), ("limit", "100")))  # fmt: skip
            every = bridge.objects(parts.path.removeprefix(STATUS))
            page = every[offset : offset + limit]
            following = "more" if offset + limit < len(every) else None
            body = json.dumps({"meta": {"next": following}, "objects": page}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    bridge.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield bridge
    finally:
        server.shutdown()
        server.server_close()
