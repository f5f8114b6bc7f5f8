"""Asks Prometheus' own checker, where it is installed; nothing here needs it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from hatang.errors import Problem

SECONDS: Final = 20.0
_PLACE: Final = re.compile(r"(?P<line>\d+):\d+: (?P<text>.*)")


def find(beside: str = "") -> str | None:
    """Return where promtool is: in the search path, or `beside` the program of Prometheus."""
    program = shutil.which(beside) if beside else None
    near = str(Path(program).with_name("promtool")) if program else ""
    return shutil.which("promtool") or shutil.which(near)


def problems(program: str, path: Path, where: str) -> list[Problem]:
    """Return what promtool has against the file `path`, which problems call `where`."""
    command = [program, "check", "rules", "--lint=none", str(path)]
    fix = "Mend what promtool names."
    try:
        done = subprocess.run(  # noqa: S603 - our own program and a path, no shell
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [Problem(where, "file", "", f"could not be checked by promtool: {error}", fix)]
    if done.returncode == 0:
        return []
    lines = [line.strip() for line in done.stderr.splitlines()]
    said = [line for line in lines if line and not line.endswith("FAILED:")]
    return [_problem(where, line, fix) for line in said or ["is refused"]]


def _problem(where: str, said: str, fix: str) -> Problem:
    found = _PLACE.search(said)
    line, text = (int(found["line"]), found["text"]) if found else (None, said)
    return Problem(where, "file", "", f"is refused by promtool: {text}", fix, line)
