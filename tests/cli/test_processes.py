"""`hatang up` as a process: it comes up, says the password once, and leaves nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE = 60.0
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    ports = {name: str(free_port()) for name in ("API", "MONITORS", "JOBS")}
    environ = dict(os.environ) | {
        "HATANG_DATA_DIR": str(data),
        "HATANG_PROMETHEUS__RUN": "false",
        "HATANG_ALERTMANAGER__RUN": "false",
        **{f"HATANG_{name}__LISTEN__PORT": port for name, port in ports.items()},
    }
    command = [str(Path(sys.executable).with_name("hatang")), "up", "--format", "table"]
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process, f"http://127.0.0.1:{ports['API']}"
    finally:
        process.kill()
        process.communicate()


def wait_ready(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            if httpx.get(f"{url}/readyz", timeout=2).json()["ready"]:
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.1)
    raise AssertionError("not ready in time")


def playing(data: Path) -> list[str]:
    """Return the command lines of processes that belong to this data directory."""
    mark = f"HATANG_DATA_DIR={data}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def none_left(data: Path) -> bool:
    deadline = time.monotonic() + 15
    while playing(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not playing(data)


def test_it_comes_up_tells_the_password_once_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (process, url):
        wait_ready(process, url)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert out.count("password: ") == 1
    assert none_left(data)
    modes = {path.name: path.stat().st_mode & 0o077 for path in data.iterdir() if path.is_file()}
    assert set(modes.values()) == {0}


def test_killed_outright_it_leaves_nothing_either(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (process, url):
        wait_ready(process, url)
        process.kill()
        process.communicate(timeout=DEADLINE)
    assert none_left(data)
