"""10,000 alerts posted at once: to a real `hatang api`, and the same to a real Alertmanager.

Job: after an outage Prometheus posts what its rules found, and again each minute. Wall seconds of
one request on loopback, on SQLite; each alert with ten labels and four annotations. Beside it the
longest that somebody else's question waited meanwhile. Correlating them is not in here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.inventory.serving import PORT, call, cpu_seconds, environ, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COUNT: Final = 10_000
GOAL: Final = 2.0
THEIR_PORT: Final = "18093"
_TREES: Final = Path("/var/cache/hatang-lab")
_CONFIGURATION: Final = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
_START: Final = 'mount --bind "{share}" /usr/share && exec "$0" "$@"'


def run() -> Iterator[str]:
    """Yield a line for the first post and one for its repetition."""
    body = _body()
    with tempfile.TemporaryDirectory() as folder:
        ours = _ours(Path(folder), body)
        theirs: Sequence[Timed | None] = _theirs(Path(folder), body) or (None, None)
    for name, mine, other in zip(("first", "again"), ours, theirs, strict=True):
        word = "met" if mine.wall < GOAL else "MISSED"
        beside = "alone"
        if other is not None:
            beside = (
                f"Alertmanager {other.wall:.2f} s, of it {other.cpu:.2f} s CPU;"
                f" {mine.wall / other.wall:.1f} times,"
                f" CPU {mine.cpu / max(other.cpu, 0.01):.1f} times"
            )
        yield (
            f"alerts: {COUNT} alerts ({len(body) / 1e6:.1f} MB) posted, {name}: {mine.wall:.2f} s,"
            f" of it {mine.cpu:.2f} s CPU; {beside}; the longest wait of another question"
            f" {mine.wait * 1000:.0f} ms; goal < {GOAL:g} s: {word}"
        )


def _body() -> bytes:
    ends = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    alerts = []
    for number in range(COUNT):
        labels = {f"label{each}": f"value {number} {each}" for each in range(7)}
        labels |= {"alertname": "InterfaceErrors", "instance": f"d{number}", "severity": "warning"}
        notes = {f"summary_{each}": f"Thiết bị {number}: lỗi trên cổng" for each in range(4)}
        alerts.append({"labels": labels, "annotations": notes, "endsAt": ends})
    return json.dumps(alerts).encode()


def _ours(folder: Path, body: bytes) -> list[Timed]:
    around = environ(folder, None)
    call(around, "init")
    url = f"http://127.0.0.1:{PORT}/alertmanager/api/v2/alerts"
    with serving(around) as api:
        posting = _Posting(url, body, api.token, api.process)
        return [_timed(posting, lambda: api.ask("/healthz")) for _ in range(2)]


def _theirs(folder: Path, body: bytes) -> list[Timed]:
    command = alertmanager()
    if command is None:
        return []
    file = folder / "alertmanager.yml"
    file.write_text(_CONFIGURATION)
    address = f"127.0.0.1:{THEIR_PORT}"
    options = (f"--config.file={file}", f"--storage.path={folder}",
               f"--web.listen-address={address}", "--cluster.listen-address=",
               "--log.level=error")  # fmt: skip
    with subprocess.Popen([*command, *options]) as process:
        try:
            ready = f"http://{address}/-/ready"
            wait_for(lambda: post(ready, None, ""))
            url = f"http://{address}/api/v2/alerts"
            posting = _Posting(url, body, "", process.pid)
            return [_timed(posting, lambda: post(ready, None, "")) for _ in range(2)]
        finally:
            process.terminate()


def alertmanager() -> list[str] | None:
    """Return how to start Debian's Alertmanager: installed, or the lab's with its own templates."""
    name = "prometheus-alertmanager"
    if found := shutil.which(name):
        return [found]
    program = next(iter(sorted(_TREES.glob(f"*/usr/bin/{name}"))), None)
    if program is None or os.geteuid() != 0:
        return None
    start = _START.format(share=program.parents[1] / "share")
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", start, str(program)]


@dataclass(frozen=True)
class _Posting:
    """What is posted where, and the process that takes it."""

    url: str
    body: bytes
    token: str
    process: int


@dataclass(frozen=True)
class Timed:
    """Seconds of a post by the clock, of the process' CPU meanwhile (what others asked it
    included), and the longest of another's questions.
    """

    wall: float
    cpu: float
    wait: float


def _timed(posting: _Posting, other: Callable[[], object]) -> Timed:
    waits = [0.0]
    with _asking(other, waits):
        used, begun = cpu_seconds(posting.process), time.perf_counter()
        post(posting.url, posting.body, posting.token)
        took = time.perf_counter() - begun
        used = cpu_seconds(posting.process) - used
    return Timed(took, used, max(waits))


@contextmanager
def _asking(other: Callable[[], object], waits: list[float]) -> Iterator[None]:
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.01):
            begun = time.perf_counter()
            other()
            waits.append(time.perf_counter() - begun)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield
    finally:
        ended.set()
        asker.join()


def post(url: str, body: bytes | None, token: str) -> None:
    """Post `body`, or get where it is None; raises OSError."""
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    asked = urllib.request.Request(url, data=body, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=60) as answer:
        answer.read()


def wait_for(ask: Callable[[], object], seconds: float = 30) -> None:
    """Ask until nothing is raised."""
    end = time.monotonic() + seconds
    while True:
        try:
            ask()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
