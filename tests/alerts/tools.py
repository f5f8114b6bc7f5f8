"""Finds Prometheus' and Alertmanager's programs, and runs a real Alertmanager with a sink."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from alerts.configuration import ALERTMANAGER_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TREES = Path("/var/cache/hatang-lab")


def tool(name: str) -> str:
    """Return the path of a program of Debian's prometheus packages; skip when there is none."""
    found = shutil.which(name)
    if found:
        return found
    for path in sorted(TREES.glob(f"*/usr/bin/{name}")):
        return str(path)
    pytest.skip(f"{name} is not installed")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Poll until `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        pause.wait(0.1)


@dataclass
class Sink:
    """A receiver's own log of what reached it."""

    url: str
    notices: list[dict[str, Any]] = field(default_factory=list)

    def of(self, status: str, **labels: str) -> list[dict[str, Any]]:
        """Return the notifications with `status` whose group has `labels`."""
        return [
            each
            for each in list(self.notices)
            if each["status"] == status and each["commonLabels"].items() >= labels.items()
        ]


@contextmanager
def sink() -> Iterator[Sink]:
    """Run a webhook receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            log.notices.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    log = Sink(f"http://127.0.0.1:{server.server_address[1]}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield log
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def alertmanager(
    directory: Path, configuration: str, port: int = 0, end: signal.Signals = signal.SIGTERM
) -> Iterator[str]:
    """Run a real Alertmanager as `hatang up` does, with its state in `directory`.

    Gives its address; `end` is the signal that ends it.
    """
    program = tool("prometheus-alertmanager")
    directory.mkdir(exist_ok=True)
    file = directory / "alertmanager.yml"
    file.write_text(configuration)
    url = f"http://127.0.0.1:{port or free_port()}"
    command = [
        *_with_shared_files(program),
        f"--config.file={file}",
        f"--storage.path={directory}",
        f"--web.listen-address={url.removeprefix('http://')}",
        *ALERTMANAGER_OPTIONS,
    ]
    with (directory / "log").open("ab") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            wait_until(lambda: _is_ready(url))
            yield url
        finally:
            process.send_signal(end)


def _with_shared_files(program: str) -> list[str]:
    """Return how to run a program of an unpacked tree that reads its own /usr/share.

    Debian's Alertmanager takes its default template from there; the tree's is bound over ours in
    a mount namespace of its own.
    """
    share = Path(program).resolve().parents[1] / "share"
    if share == Path("/usr/share"):
        return [program]
    if os.geteuid() != 0:
        pytest.skip("only root can give the lab's Alertmanager its own templates")
    bind = f'mount --bind "{share}" /usr/share && exec "$0" "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", bind, program]


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").is_success
    except httpx.HTTPError:
        return False
