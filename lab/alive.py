"""Know a process again: its id may belong to another one tomorrow, its start time does not."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STATE, STARTED = 0, 19  # fields 3 and 22 of proc_pid_stat(5), counted behind the name
GONE = ("Z", "X")
TERM_SECONDS = 5.0
KILL_SECONDS = 5.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """A process and when it started, in clock ticks since boot."""

    pid: int
    started: int

    @property
    def lives(self) -> bool:
        """Whether this very process still runs; a zombie does not."""
        return start_time(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal this very process, or nobody."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return
        try:
            if self.lives:  # asked after the handle is ours, so the id cannot change hands
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None when it runs no more."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[STATE] in GONE else int(fields[STARTED])


def started_as(words: Sequence[str], below: Path) -> list[Process]:
    """Return our own user's processes run as `PROGRAM *words FILE`, with the file below a place."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid != os.geteuid():
                continue
            line = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[1:-1]
        except OSError:
            continue
        if line[:-1] == list(words) and Path(line[-1]).is_relative_to(below):
            started = start_time(int(entry.name))
            if started is not None:
                found.append(Process(int(entry.name), started))
    return found


def end(processes: Iterable[Process]) -> int:
    """End these processes and no other; return how many still ran.

    Raises:
        LabError: one would not die.
    """
    living = [process for process in processes if process.lives]
    left = living
    for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        for process in left:
            process.send(number)
        left = _wait(left, seconds)
    if left:
        raise LabError(f"Processes {[process.pid for process in left]} of the lab would not die.")
    return len(living)


def _wait(processes: list[Process], seconds: float) -> list[Process]:
    """Return those that run still when the time is over."""
    deadline = time.monotonic() + seconds
    while left := [process for process in processes if process.lives]:
        if time.monotonic() > deadline:
            return left
        time.sleep(POLL_SECONDS)
    return []
