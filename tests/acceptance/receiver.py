"""A webhook receiver that keeps a log of its own: there notifications are counted."""

from __future__ import annotations

import json
import math
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Receiver:
    """What Alertmanager posted, in the order it came; written to a file, read back from it."""

    def __init__(self, log: Path, port: int) -> None:
        self._log = log
        self._forgotten = 0
        self.url = f"http://127.0.0.1:{port}/page"

    def notifications(self, status: str = "") -> list[dict[str, Any]]:
        """Return the notifications, all or those `firing` or `resolved`."""
        if not self._log.exists():
            return []
        lines = self._log.read_text().splitlines()[self._forgotten :]
        posted = [json.loads(line) for line in lines]
        return [each for each in posted if not status or each["status"] == status]

    def is_over(self) -> bool:
        """Return whether the last word on everything that was told is that it is over."""
        last = {each["groupKey"]: each["status"] for each in self.notifications()}
        return "firing" not in last.values()

    def idle_seconds(self) -> float:
        """Return how long ago the last notification came."""
        return time.time() - self._log.stat().st_mtime if self._log.exists() else math.inf

    def forget(self) -> None:
        """Count from now on: what came until now belongs to other proofs."""
        self._forgotten += len(self.notifications())

    def naming(self, word: str, status: str = "") -> list[dict[str, Any]]:
        """Return the notifications in which the word stands."""
        found = self.notifications(status)
        return [each for each in found if word in json.dumps(each, ensure_ascii=False)]


@contextmanager
def receiving(log: Path) -> Iterator[Receiver]:
    """Receive on a free port of 127.0.0.1."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            with lock, log.open("ab") as stream:
                stream.write(body.replace(b"\n", b" ").strip() + b"\n")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the log is the file."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Receiver(log, server.server_port)
    finally:
        server.shutdown()
        server.server_close()
