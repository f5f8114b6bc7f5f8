"""A small server of a test's own on loopback, and a token in a file only we may read."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers with bodies, and keeps no log."""

    def do_GET(self) -> None:
        self.get()

    def get(self) -> None:
        """Answer what was asked for; each test says how."""
        raise NotImplementedError

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Send one whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        return


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Yield the address at which `handler` answers, and stop it afterwards."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def private_token(folder: Path, token: str) -> Path:
    """Return a file with the token that nobody else may read."""
    path = folder / "token"
    path.touch(mode=0o600)
    path.write_text(f"{token}\n")
    return path
