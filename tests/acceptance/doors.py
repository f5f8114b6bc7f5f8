"""How the proofs reach hatang and the lab: their commands as processes, and HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent  # not resolved: the commands stand beside the venv's python
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 240.0


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def good(self) -> Answer:
        assert self.status == 0, f"exit status {self.status}\n{self.out}\n{self.err}"
        return self


def run(
    command: list[str], environ: dict[str, str] | None = None, seconds: float = PATIENCE_SECONDS
) -> Answer:
    """Run a command to its end."""
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds, env=environ
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def clean_environ(**more: str) -> dict[str, str]:
    """Return this process's environment without anybody's hatang settings."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("HATANG_")}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


def hatang_lab(*words: str, seconds: float = PATIENCE_SECONDS) -> Answer:
    """Run `hatang-lab`."""
    return run([str(BIN / "hatang-lab"), *words], clean_environ(), seconds)


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def http(
    url: str, *, token: str = "", body: object = None, accept: str = "", method: str | None = None
) -> Reply:
    """Ask once; an error status is an answer too."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if accept:
        headers["Accept"] = accept
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Reply(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read())


def free_ports(count: int) -> list[int]:
    """Return TCP ports that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
