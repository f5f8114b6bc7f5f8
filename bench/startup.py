"""Starting a command: `hatang --help` and `hatang device list` against `ansible --version`.

Job: a person types a command and waits. Each is started in turn, round by round, on a data
directory made for the run; the ratio is of the medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
BIN = Path(sys.executable).parent
COMMANDS = {
    "hatang --help": ("hatang", "--help"),
    "hatang device list": ("hatang", "device", "list", "--as", "admin"),
    "ansible --version": ("ansible", "--version"),
}
PEER = "ansible --version"


def run() -> list[str]:
    """Return a line a command: median seconds, and how many times the peer's."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "HATANG_DATA_DIR": f"{folder}/data",
            "PYTHONPYCACHEPREFIX": f"{folder}/bytecode",
            "LC_ALL": "C.UTF-8",
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its bytecode
        _timed(("hatang", "init"), environ)
        for words in COMMANDS.values():
            _timed(words, environ)
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(ROUNDS):
            for name, words in COMMANDS.items():
                taken[name].append(_timed(words, environ))
    peer = statistics.median(taken[PEER])
    return [
        f"startup: {name}: {statistics.median(each):.2f} s, "
        f"{statistics.median(each) / peer:.2f} of {PEER}'s (median of {ROUNDS})"
        for name, each in taken.items()
    ]


def _timed(words: tuple[str, ...], environ: dict[str, str]) -> float:
    begun = time.perf_counter()
    command = [str(BIN / words[0]), *words[1:]]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    return time.perf_counter() - begun
