"""The bench: a process that does one piece of work after the other, replaced when one spoils it."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from hatang import clock
from hatang.errors import HatangError, Reason
from hatang.workshop.frames import HEADER, Kind, frame, length_of

if TYPE_CHECKING:
    from types import TracebackType

START_SECONDS: Final = 60.0  # to load the program on a busy machine; no work has begun by then
ROOT: Final = Path(__file__).parents[2]


class Fault(StrEnum):
    """Why a piece of work came to nothing."""

    OUT_OF_TIME = "out_of_time"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_LARGE = "too_large"
    RAISED = "raised"
    DIED = "died"


class SpoiltError(HatangError):
    """A piece of work came to nothing; the bench is good for the next one."""

    code = "spoilt"

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.reason = Reason.TIMEOUT if fault is Fault.OUT_OF_TIME else Reason.INTERNAL


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may take; `memory_bytes` is the whole process's address space."""

    seconds: float = 30.0
    cpu_seconds: int = 20
    memory_bytes: int = 1024 * 1024 * 1024
    answer_bytes: int = 32 * 1024 * 1024
    niceness: int = 10


class Bench:
    """Gives pieces of work to `task`, the function `package.module:name` of bytes to bytes.

    The process starts with the first piece, sees nothing of our environment, and ends with ours.
    Not for two threads at a time.
    """

    def __init__(self, task: str, limits: Limits | None = None) -> None:
        self._task = task
        self._limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def work(self, given: bytes) -> bytes:
        """Return what the task makes of `given`.

        Raises:
            SpoiltError: it raised, died, or took more than its limits; its process is gone then.
        """
        child = self._child or self._start()
        try:
            _send(child, given, clock.monotonic() + self._limits.seconds)
            kind, answer = _receive(child, self._limits.seconds, self._limits.answer_bytes)
        except SpoiltError:
            self.close()
            raise
        if kind is Kind.DONE:
            return answer
        text = answer.decode("utf-8", "replace")
        if kind is Kind.NO_MEMORY:
            self.close()  # what is left of it is in nobody's hands
            raise SpoiltError(Fault.OUT_OF_MEMORY, text)
        raise SpoiltError(Fault.RAISED, text)

    def close(self) -> None:
        """End the process at once."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        limits = self._limits
        numbers = (limits.cpu_seconds, limits.memory_bytes, limits.niceness)
        words = [sys.executable, "-m", "hatang.workshop.child", str(os.getpid()), self._task]
        child = subprocess.Popen(  # noqa: S603 - this interpreter and our own words
            [*words, *map(str, numbers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
            start_new_session=True,
        )
        self._child = child
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
        try:
            kind, text = _receive(child, START_SECONDS, limits.answer_bytes)
        except SpoiltError:
            self.close()
            raise
        if kind is not Kind.READY:
            self.close()
            raise SpoiltError(Fault.DIED, text.decode("utf-8", "replace"))
        return child


def _environment() -> dict[str, str]:
    """Return all the child sees of the environment; the code is found where ours was found."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(ROOT),
    }


def _send(child: subprocess.Popen[bytes], given: bytes, deadline: float) -> None:
    if child.stdin is None:
        raise ValueError("the bench has no standard input")
    rest = memoryview(frame(Kind.WORK, given))
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdin, selectors.EVENT_WRITE)
        while rest:
            _await(selector, deadline)
            try:
                rest = rest[os.write(child.stdin.fileno(), rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise _end_of(child) from None


def _receive(child: subprocess.Popen[bytes], seconds: float, most: int) -> tuple[Kind, bytes]:
    if child.stdout is None:
        raise ValueError("the bench has no standard output")
    deadline = clock.monotonic() + seconds
    found = bytearray()
    wanted = HEADER.size
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while len(found) < wanted:
            _await(selector, deadline)
            data = os.read(child.stdout.fileno(), 1024 * 1024)
            if not data:
                raise _end_of(child)
            found += data
            if wanted == HEADER.size and len(found) >= wanted:
                wanted += length_of(bytes(found[: HEADER.size]))
                if wanted > most:
                    raise SpoiltError(Fault.TOO_LARGE, f"its answer exceeds {most} bytes")
    return Kind(found[0]), bytes(found[HEADER.size :])


def _await(selector: selectors.BaseSelector, deadline: float) -> None:
    if not selector.select(max(0.0, deadline - clock.monotonic())):
        raise SpoiltError(Fault.OUT_OF_TIME, "it did not end in time")


def _end_of(child: subprocess.Popen[bytes]) -> SpoiltError:
    code = child.wait()
    if code == -signal.SIGXCPU:
        return SpoiltError(Fault.OUT_OF_TIME, "it took too much of the processor")
    how = f"signal {-code}" if code < 0 else f"status {code}"
    return SpoiltError(Fault.DIED, f"its process ended with {how}")
