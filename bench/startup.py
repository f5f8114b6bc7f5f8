"""Starting a command or a process: by the clock beside `ansible --version`, and in CPU and memory.

Job: a person types a command and waits; `hatang up` starts one process of each role. Each is
started in turn, round by round, on a data directory made for the run. The ratio is of the medians
by the clock; CPU is the least of the rounds, since other work only adds to it. Of a role what it
loads is counted, not what it does then.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROUNDS = 7
BIN = Path(sys.executable).parent
AS = ("--as", "admin")
COMMANDS = {
    "hatang --help": (str(BIN / "hatang"), "--help"),
    "hatang user list": (str(BIN / "hatang"), "user", "list", *AS),
    "hatang device list": (str(BIN / "hatang"), "device", "list", *AS),
    "hatang inventory list": (str(BIN / "hatang"), "inventory", "list", "sites", *AS),
    "hatang incident list": (str(BIN / "hatang"), "incident", "list", *AS),
    "hatang change list": (str(BIN / "hatang"), "change", "list", *AS),
    "hatang monitor plan --help": (str(BIN / "hatang"), "monitor", "plan", "--help"),
    "ansible --version": (str(BIN / "ansible"), "--version"),
}
PEER = "ansible --version"
ROLES = ("api", "worker", "monitor", "receiver", "notifier")
# As `cli.entry` loads a role.
LOADING = "import gc; gc.disable(); import cli.roles.{role}"


class Taken(NamedTuple):
    """What one start took."""

    seconds: float
    cpu_seconds: float
    mb: float


def run() -> list[str]:
    """Return a line a command and a role: median seconds, least CPU, most resident memory."""
    starts = COMMANDS | {
        f"loading the {role}": (sys.executable, "-P", "-c", LOADING.format(role=role))
        for role in ROLES
    }
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "HATANG_DATA_DIR": f"{folder}/data",
            "PYTHONPYCACHEPREFIX": f"{folder}/bytecode",
            "LC_ALL": "C.UTF-8",
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its bytecode
        _taken((str(BIN / "hatang"), "init"), environ)
        for words in starts.values():
            _taken(words, environ)
        taken: dict[str, list[Taken]] = {name: [] for name in starts}
        for _ in range(ROUNDS):
            for name, words in starts.items():
                taken[name].append(_taken(words, environ))
    peer = statistics.median(one.seconds for one in taken[PEER])
    return [_said(name, each, peer) for name, each in taken.items()]


def _said(name: str, each: list[Taken], peer: float) -> str:
    median = statistics.median(one.seconds for one in each)
    least, most = min(one.cpu_seconds for one in each), max(one.mb for one in each)
    return (
        f"startup: {name}: {median:.2f} s, {median / peer:.2f} of {PEER}'s (median of {ROUNDS}); "
        f"CPU {least:.2f} s, {most:.0f} MB"
    )


def _taken(words: tuple[str, ...], environ: dict[str, str]) -> Taken:
    begun = time.perf_counter()
    nowhere = subprocess.DEVNULL
    started = subprocess.Popen(words, env=environ, stdout=nowhere, stderr=nowhere)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {started.returncode}")
    seconds = time.perf_counter() - begun
    return Taken(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
