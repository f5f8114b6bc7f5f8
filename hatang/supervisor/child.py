"""One supervised process: its spec, its life, its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.supervisor import guard
from hatang.supervisor.ready import FileReady, Ready

if TYPE_CHECKING:
    from collections.abc import Mapping

TAIL_LINES: Final = 20
_TAIL_BYTES: Final = 16_384
# Back-off after a death: doubled each time, forgotten after a minute of good life.
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_GOOD_LIFE_SECONDS: Final = 60.0


class State(StrEnum):
    """Where a child stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run and how to know that it runs; `after` names children that must be ready first.

    `env` is added to the supervisor's own. Times are seconds.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Ready | None = None
    ready_seconds: float = 30.0
    stop_seconds: float = 10.0
    after: tuple[str, ...] = ()
    first_pause: float = _FIRST_PAUSE


class Child:
    """The process of a spec: started through the guard, its output in a rotated file."""

    def __init__(self, spec: ChildSpec, logs: Path, rotate_bytes: int, keep_files: int) -> None:
        self.spec = spec
        self.state = State.WAITING
        self.restarts = 0
        self.exit_status: int | None = None
        self.log = logs / f"{spec.name}.log"
        self._rotate_bytes = rotate_bytes
        self._keep_files = keep_files
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = spec.first_pause
        self._started_at = 0.0
        self._due_at = 0.0

    @property
    def pid(self) -> int | None:
        """The pid of the guard while there is one."""
        return None if self._process is None else self._process.pid

    @property
    def due(self) -> bool:
        """True when it is time to start (again)."""
        return self.state is State.WAITING and clock.monotonic() >= self._due_at

    @property
    def ended(self) -> bool:
        """True when the process ended because it was told to."""
        return self.state is State.STOPPED

    @property
    def late(self) -> bool:
        """True when the child should have been ready by now."""
        patience = self.spec.ready_seconds
        return self.state is State.STARTING and clock.monotonic() > self._started_at + patience

    def start(self) -> None:
        """Start the process; whether it comes up shows in `check`."""
        if isinstance(self.spec.ready, FileReady):
            self.spec.ready.path.unlink(missing_ok=True)
        self.rotate()
        argv = [sys.executable, "-I", guard.__file__, str(os.getpid()), "--", *self.spec.argv]
        with self.log.open("ab") as output:
            # Own session: the terminal's Ctrl-C must reach the supervisor alone.
            self._process = subprocess.Popen(  # noqa: S603 - argv comes from our own specs
                argv,
                env={**os.environ, **self.spec.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started_at = clock.monotonic()
        self.state = State.STARTING

    def check(self) -> bool:
        """Look at the process; return True when it just died without being told to stop."""
        if self._process is None:
            return False
        status = self._process.poll()
        if status is None:
            if self.state is State.STARTING and (self.spec.ready is None or self.spec.ready()):
                self.state = State.READY
            return False
        self._process = None
        self.exit_status = status
        if self.state is State.STOPPING:
            self.state = State.STOPPED
            return False
        self._plan_restart()
        return True

    def _plan_restart(self) -> None:
        lived = clock.monotonic() - self._started_at
        if lived > _GOOD_LIFE_SECONDS:
            self._pause = self.spec.first_pause
        self._due_at = clock.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self.restarts += 1
        self.state = State.WAITING

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is None:
            self.state = State.STOPPED
            return
        self.state = State.STOPPING
        self._process.terminate()

    def kill(self) -> None:
        """End the process and everything below it, now."""
        if self._process is None:
            return
        pid = self._process.pid
        below = guard.descendants(pid)
        guard.send([*below, pid], signal.SIGKILL)

    def rotate(self) -> None:
        """Move a log that grew too big aside; the process goes on writing, so it is copied."""
        if not self.log.exists() or self.log.stat().st_size < self._rotate_bytes:
            return
        for number in range(self._keep_files - 1, 0, -1):
            older = Path(f"{self.log}.{number}")
            if older.exists():
                older.replace(f"{self.log}.{number + 1}")
        Path(f"{self.log}.1").write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)

    def tail(self) -> list[str]:
        """Return the last lines the process wrote."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = stream.read().decode("utf-8", "replace")
        return list(deque(text.splitlines(), TAIL_LINES))
