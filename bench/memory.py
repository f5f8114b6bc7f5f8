"""What a large import leaves behind in the memory of a real `hatang api`.

Job: a province of 10,000 devices is planned, applied and planned again over HTTP, on SQLite; what
the process holds is read before, all the while, and three seconds after each.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from bench.inventory.drawn import written
from bench.inventory.serving import call, environ, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.inventory.serving import Api

LEFT_ALONE: Final = 3.0
EVERY: Final = 0.02
MEGABYTE: Final = 1_000_000


def run() -> Iterator[str]:
    """Yield a line a request: what it took at most, and what was left of it."""
    with tempfile.TemporaryDirectory() as folder:
        data = written(Path(folder)).read_bytes()
        around = environ(Path(folder), None)
        call(around, "init")
        with serving(around) as api:
            yield f"memory of the api: {api.resident() / MEGABYTE:.0f} MB at rest"
            where = "/api/v1/imports"
            planned, line = _asked(api, "plan", f"{where}/plan?filename=big.yaml", data)
            yield line
            digest = json.loads(planned)["sha256"]
            yield _asked(api, "apply", f"{where}?filename=big.yaml&plan={digest}", data)[1]
            yield _asked(api, "second plan", f"{where}/plan?filename=big.yaml", data)[1]


def _asked(api: Api, name: str, path: str, data: bytes) -> tuple[bytes, str]:
    most, is_over = [0], Event()

    def watch() -> None:
        while not is_over.wait(EVERY):
            most[0] = max(most[0], api.resident())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        answer = api.ask(path, data)
    finally:
        is_over.set()
        watcher.join()
    time.sleep(LEFT_ALONE)
    left = api.resident() / MEGABYTE
    return answer, f"  {name}: at most {most[0] / MEGABYTE:.0f} MB, {left:.0f} MB afterwards"
