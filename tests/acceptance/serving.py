"""A hatang of which one process alone runs: the api, or the worker."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

from tests.acceptance.doors import BIN, http
from tests.acceptance.red import eventually

if TYPE_CHECKING:
    from tests.acceptance.installation import Installation

START_SECONDS = 60.0


class serving:  # noqa: N801 - reads as a function where it is used
    """Runs the api alone."""

    def __init__(self, made: Installation) -> None:
        self._made = made

    def __enter__(self) -> None:
        with self._made.output.open("a") as out:
            self._process = subprocess.Popen(
                [str(BIN / "hatang"), "api", "--config", str(self._made.config)],
                stdout=out, stderr=subprocess.STDOUT, env=self._made.environ,
            )  # fmt: skip
        up = eventually(self._answers, START_SECONDS)
        assert up, self._made.output.read_text()[-3000:]

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._made.output.read_text()[-3000:]
        try:
            return http(self._made.url("api", "/healthz")).status == 200
        except OSError:
            return False

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(30)


class Worker:
    """`hatang worker` as a process that can be killed."""

    def __init__(self, hatang: Installation) -> None:
        self._output = hatang.folder / "worker.log"
        with self._output.open("ab") as out:
            self._process = subprocess.Popen(
                hatang.command_line("worker", person=""),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=hatang.environ,
            )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        finally:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL to the worker alone: what it started finds out by itself."""
        self._process.kill()
        self._process.wait()

    def require_alive(self) -> None:
        """Fail, showing its last words, when it ended by itself."""
        assert self._process.poll() is None, self._output.read_text()[-3000:]
