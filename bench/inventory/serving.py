"""A real `hatang api` over a database, asked over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BIN: Final = Path(sys.executable).parent
PORT: Final = "18099"


def environ(folder: Path, url: str | None) -> dict[str, str]:
    """Return the environment of hatang with its state under `folder`, on SQLite or at `url`."""
    found = {**os.environ, "HATANG_DATA_DIR": f"{folder}/data", "LC_ALL": "C.UTF-8"}
    found |= {"HATANG_API__LISTEN__HOST": "127.0.0.1", "HATANG_API__LISTEN__PORT": PORT}
    if url is not None:
        found["HATANG_DATABASE__URL"] = url
    return found


def call(around: dict[str, str], *words: str) -> str:
    answer = subprocess.run(
        (str(BIN / "hatang"), *words), env=around, check=True, capture_output=True, text=True
    )
    return answer.stdout


def cpu_seconds(process: int) -> float:
    """Return the processor time a process has used until now."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Api:
    """A running api: its process, and how to ask it."""

    token: str
    process: int

    def ask(self, path: str, given: bytes | None = None) -> bytes:
        """Return the answer to a GET, or to a POST of `given`."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        headers = {"Authorization": f"Bearer {self.token}"}
        if given is not None:
            headers["Content-Type"] = "application/octet-stream"
        address = f"http://127.0.0.1:{PORT}{path}"
        asked = urllib.request.Request(address, data=given, headers=headers)
        with opener.open(asked, timeout=600) as answer:
            return bytes(answer.read())

    def resident(self) -> int:
        """Return the bytes of it in memory."""
        pages = Path(f"/proc/{self.process}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(around: dict[str, str]) -> Iterator[Api]:
    """Start the api and yield it, with the token of an administrator."""
    said = call(around, "token", "create", "bench", "--role", "admin", "--as", "admin")
    process = subprocess.Popen((str(BIN / "hatang"), "api"), env=around)
    api = Api(said.split()[-1].strip('"}'), process.pid)
    try:
        _wait(api.ask)
        yield api
    finally:
        process.terminate()
        process.wait(20)


def _wait(ask: Callable[[str], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            ask("/api/v1/sites?limit=1")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
