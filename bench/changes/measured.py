"""What a command cost: seconds that passed, and CPU seconds of it and of all it waited for."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def told(self, devices: int) -> str:
        """Return it as people read it."""
        each = 1000 * self.cpu / devices
        return f"{self.wall:.1f} s, {self.cpu:.1f} CPU s ({each:.0f} ms a device)"


def run(command: Sequence[str], environ: Mapping[str, str]) -> tuple[Cost, str]:
    """Run a command that must succeed; returns its cost and what it said."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        start = time.monotonic()
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=complaints)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
        if process.returncode:
            complaints.seek(0)
            why = (complaints.read() + said)[-2000:]
            raise RuntimeError(f"{' '.join(command[:4])} ended with {process.returncode}: {why}")
    return Cost(wall, used.ru_utime + used.ru_stime), said


def spent(pid: int) -> float:
    """Return the CPU seconds of a process, of what it waited for, and of all below it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK + sum(spent(int(one)) for one in below)
