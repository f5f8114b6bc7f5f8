"""The process at a bench: limits itself, loads its one function, then works until it is ended.

Run as `python -m hatang.workshop.child PARENT module:function CPU_SECONDS MEMORY_BYTES NICENESS`.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, BinaryIO, Final

from hatang.supervisor import guard
from hatang.workshop.frames import HEADER, Kind, frame, length_of

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE_CHARACTERS: Final = 500


def main(parent: int, task: str, cpu_seconds: int, memory_bytes: int, niceness: int) -> None:
    """Work until standard input ends."""
    guard.prctl(guard.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the work prints is no answer
    try:
        function = _load(task)
    except (ImportError, AttributeError) as error:
        _answer(answers, Kind.RAISED, str(error).encode())
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _answer(answers, Kind.READY, b"")
    while (given := _next(sys.stdin.buffer)) is not None:
        _allow(cpu_seconds)
        _answer(answers, *_work(function, given))


def _load(task: str) -> Callable[[bytes], bytes]:
    module, _, name = task.partition(":")
    function: Callable[[bytes], bytes] = getattr(importlib.import_module(module), name)
    return function


def _next(stream: BinaryIO) -> bytes | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return stream.read(length_of(header))


def _allow(cpu_seconds: int) -> None:
    """Give the next piece of work its time of the processor, on top of what was used."""
    spent = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, resource.RLIM_INFINITY))


def _work(function: Callable[[bytes], bytes], given: bytes) -> tuple[Kind, bytes]:
    try:
        return Kind.DONE, function(given)
    except MemoryError:
        return Kind.NO_MEMORY, b"it needs more memory than it may have"
    except Exception as error:  # noqa: BLE001 - whatever the work raises is its answer
        text = f"{type(error).__name__}: {error}"[:MESSAGE_CHARACTERS]
        return Kind.RAISED, text.encode("utf-8", "replace")


def _answer(stream: BinaryIO, kind: Kind, data: bytes) -> None:
    stream.write(frame(kind, data))
    stream.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6]))
