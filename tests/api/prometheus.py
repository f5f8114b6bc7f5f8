"""A Prometheus that draws a gentle wave for whatever is asked, at the outermost edge."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import sin
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = {"_seconds": 0.03, "_success": 0.4, "_ratio": 0.3}
"""How large about a wave is, by what stands in the name of its series."""
RATE = 30e6
"""Bits a second, and whatever else."""
LABELS = ({"ifName": "eth1", "name": "cpu"}, {"ifName": "eth2", "name": "slot 2"})


def _answer(form: dict[str, list[str]]) -> dict[str, Any]:
    query = form["query"][0]
    size = next((size for part, size in SIZES.items() if part in query), RATE)
    start, end, step = (float(form[name][0]) for name in ("start", "end", "step"))
    moments = [start + n * step for n in range(int((end - start) / step) + 1)]
    result = [
        {
            "metric": labels,
            "values": [[at, str(size * (place + 1) * (1.5 + sin(at / 4000)))] for at in moments],
        }
        for place, labels in enumerate(LABELS)
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        body = json.dumps(_answer(parse_qs(self.rfile.read(size).decode()))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def answering() -> Iterator[str]:
    """Yield the address at which it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
