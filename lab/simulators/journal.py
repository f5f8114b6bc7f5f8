"""What happened on the device, one JSON object a line, on disk before the device goes on.

Tests count device changes here, so nothing is written twice and nothing is buffered.
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import time

from lab.simulators.tree import Changes

Value = str | int | float | bool | None | Sequence[str]


class Journal:
    """Append-only file; every entry is fsynced."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, action: str, user: str, sha256: str, detail: Mapping[str, Value]) -> None:
        """Append one entry: what, who, the running configuration's digest afterwards."""
        if self._path is None:
            return
        entry = {"time": timestamp(time()), "action": action, "user": user, "sha256": sha256}
        data = json.dumps({**entry, **detail}, ensure_ascii=False) + "\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, data.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def timestamp(seconds: float) -> str:
    """A Unix time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def lines_of(delta: Changes) -> dict[str, Value]:
    """Added and removed lines, each with its sections in front: `interface X > shutdown`."""
    return {
        "added": [" > ".join(path) for path in delta.added],
        "removed": [" > ".join(path) for path in delta.removed],
    }
