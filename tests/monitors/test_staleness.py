"""A real Prometheus forgets a silent device at once, because samples carry no time of their own."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from monitors.exposition import Exposition
from monitors.http import MetricsServer
from tests.monitors import agent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROMETHEUS = agent.program("prometheus")
NAME = "hatang_device_up"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROMETHEUS is None, reason="no Prometheus on this machine"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def exposed(exposition: Exposition) -> Iterator[int]:
    """Serve the exposition in a thread and yield its port."""
    port, loop = free_port(), asyncio.new_event_loop()
    server = loop.run_until_complete(MetricsServer(exposition).start("127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


@contextmanager
def scraping(folder: Path, target: int) -> Iterator[str]:
    """Run a Prometheus that scrapes each second and yield its address."""
    port = free_port()
    (folder / "p.yml").write_text(
        "global: {scrape_interval: 1s}\n"
        "scrape_configs:\n- job_name: m\n  honor_labels: true\n  metrics_path: /metrics/shard/0\n"
        f"  static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n"
    )
    assert PROMETHEUS is not None
    options = [f"--config.file={folder / 'p.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    options.append(f"--web.listen-address=127.0.0.1:{port}")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([*PROMETHEUS, *options], stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def has(prometheus: str, instance: str) -> bool:
    query = urllib.parse.quote(f'{NAME}{{instance="{instance}"}}')
    try:
        with urllib.request.urlopen(f"{prometheus}/api/v1/query?query={query}", timeout=2) as body:
            return bool(json.load(body)["data"]["result"])
    except OSError:
        return False


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_device_that_fell_silent_is_gone_at_the_next_scrape_and_a_stamped_one_is_not(
    tmp_path: Path,
) -> None:
    exposition = Exposition()
    stamp = int(time.time() * 1000)
    exposition.put("plain", {NAME: f'{NAME}{{instance="plain"}} 1\n'})
    exposition.put("stamped", {NAME: f'{NAME}{{instance="stamped"}} 1 {stamp}\n'})
    with exposed(exposition) as port, scraping(tmp_path, port) as prometheus:
        assert eventually(lambda: has(prometheus, "plain") and has(prometheus, "stamped"), 30)
        exposition.drop("plain")
        exposition.drop("stamped")
        assert eventually(lambda: not has(prometheus, "plain"), 10)
        assert has(prometheus, "stamped")
