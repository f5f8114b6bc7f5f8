"""Runs in netlint's own environment: its checks of IOS over files, and what they cost."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def checks() -> list[Any]:
    """Return netlint's checks of IOS, which its command registers."""
    import_module("netlint.cli.main")
    registered = import_module("netlint.checks.checker").Checker.checks
    found: list[Any] = registered[import_module("netlint.checks.utils").NOS.CISCO_IOS]
    return found


def found(text: str) -> dict[str, bool | None]:
    """Return by check whether it complains, None where it broke."""
    lines = text.splitlines()
    told: dict[str, bool | None] = {}
    for check in checks():
        try:
            told[check.name] = check(lines) is not None
        except Exception:  # noqa: BLE001 - whatever a check does to a text is its answer
            told[check.name] = None
    return told


def main() -> None:
    """Read a list of files from the first argument and print findings and costs as JSON."""
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    texts = [Path(file).read_text(encoding="utf-8", errors="replace") for file in files]
    began = time.process_time()
    told = [found(text) for text in texts]
    spent = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"found": told, "cpu_seconds": spent, "memory_mib": memory}))


main()
