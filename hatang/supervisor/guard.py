"""The wrapper around every child, so that no process outlives the supervisor, however it dies.

Run as `python guard.py SUPERVISOR_PID -- ARGV...`; standard library only, because it starts for
every child. The guard asks the kernel for SIGTERM when its parent dies (PR_SET_PDEATHSIG) and to
inherit orphaned grandchildren (PR_SET_CHILD_SUBREAPER); so when it ends, it can end all of them.
The child itself gets SIGKILL should the guard be killed. See prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
# How long the child's descendants may take after a SIGTERM that nobody is left to time.
ORPHAN_SECONDS = 3.0
# Exit status for a program that cannot be executed, as shells use it.
NOT_EXECUTABLE = 127


def prctl(option: int, argument: int) -> None:
    """Call prctl(2); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, argument, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def children(pid: int) -> list[int]:
    """Return the direct children of `pid` (proc(5), needs CONFIG_PROC_CHILDREN)."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def descendants(pid: int) -> list[int]:
    """Return all descendants of `pid`, nearest first."""
    found = children(pid)
    for each in found:
        found += children(each)
    return found


def send(pids: list[int], number: signal.Signals) -> None:
    """Signal processes, some of which may be gone."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def reap() -> dict[int, int]:
    """Return exit statuses of children that ended."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def end_descendants(grace_seconds: float) -> None:
    """End everything below this process: SIGTERM, then SIGKILL until nothing is left."""
    deadline = time.monotonic() + grace_seconds
    number = signal.SIGTERM
    send(descendants(os.getpid()), number)
    while True:
        reap()
        left = descendants(os.getpid())
        if not left:
            return
        if time.monotonic() >= deadline:
            send(left, signal.SIGKILL)
        time.sleep(0.02)


def start(argv: list[str], supervisor: int) -> int:
    """Fork and execute `argv` in a session of its own; return its pid."""
    guard = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard or not Path(f"/proc/{supervisor}").exists():
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored_by_python, signal.SIG_DFL)
        os.execvp(argv[0], argv)  # noqa: S606 - argv comes from the supervisor's own specs
    except OSError as error:
        os.write(2, f"{argv[0]} cannot be executed: {error.strerror}\n".encode())
    os._exit(NOT_EXECUTABLE)


def watch(pid: int, supervisor: int) -> int:
    """Wait for `pid`, handing SIGTERM on to it; return its wait status.

    Without the supervisor nobody times the end of the child, so this does.
    """
    watched = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    orphaned_at = None
    while True:
        ended = reap()
        if pid in ended:
            return ended[pid]
        if orphaned_at is not None and time.monotonic() > orphaned_at + ORPHAN_SECONDS:
            send([pid], signal.SIGKILL)
        caught = signal.sigtimedwait(watched, 1.0 if orphaned_at is None else 0.1)
        if caught is not None and caught.si_signo == signal.SIGTERM:
            send([pid], signal.SIGTERM)
        if os.getppid() != supervisor and orphaned_at is None:
            orphaned_at = time.monotonic()
            send([pid], signal.SIGTERM)


def main(argv: list[str]) -> int:
    """Guard one child; the exit status is the child's, 128 + n when signal n ended it."""
    supervisor = int(argv[0])
    # Blocked from the start, so that no signal is lost between checks; SIGINT of a terminal goes
    # to the supervisor, which decides about the order of stopping.
    signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP}
    )
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:  # it died before the line above
        return 1
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    status = watch(start(argv[2:], supervisor), supervisor)
    end_descendants(ORPHAN_SECONDS)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
