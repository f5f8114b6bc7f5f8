"""A receiver of pages that keeps its own log: what it counts, nobody else can have made up."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Sink:
    """Everything that was posted, in order."""

    url: str
    pages: list[dict[str, Any]] = field(default_factory=list)

    def about(self, word: str, status: str) -> list[dict[str, Any]]:
        """Return the incident pages of `status` (firing, resolved) whose text names `word`."""
        return [
            page
            for page in list(self.pages)
            if page.get("status") == status
            and page.get("groupLabels", {}).get("incident")
            and word in json.dumps(page, ensure_ascii=False)
        ]


@contextmanager
def sink() -> Iterator[Sink]:
    """Receive webhooks on a free port of the loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            received.pages.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing: the pages themselves are the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Sink(f"http://127.0.0.1:{server.server_address[1]}/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
