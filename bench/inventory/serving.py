"""A real `hatang api` over a database, asked over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
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


@contextmanager
def serving(around: dict[str, str], token: str) -> Iterator[Callable[[str], bytes]]:
    """Start the api and yield a function that asks it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(path: str) -> bytes:
        address = f"http://127.0.0.1:{PORT}{path}"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with opener.open(asked, timeout=60) as answer:
            return bytes(answer.read())

    process = subprocess.Popen((str(BIN / "hatang"), "api"), env=around)
    try:
        _wait(ask)
        yield ask
    finally:
        process.terminate()
        process.wait(20)


def _wait(ask: Callable[[str], bytes], seconds: float = 60) -> None:
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
