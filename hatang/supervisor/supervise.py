"""The supervising loop: start in order, restart with back-off, stop in reverse."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hatang import clock, log, statedir
from hatang.errors import SettingsError, UnavailableError
from hatang.supervisor import guard
from hatang.supervisor.child import Child, ChildSpec, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_TICK_SECONDS: Final = 0.1
_SIGNALS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
_STOP: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

_logger = log.get_logger(__name__)


class Supervisor:
    """Runs children until a signal; one supervisor a data directory."""

    def __init__(
        self,
        data_dir: Path,
        specs: Sequence[ChildSpec],
        *,
        rotate_bytes: int = 10_000_000,
        keep_files: int = 5,
        on_ready: Callable[[], None] | None = None,
    ) -> None:
        _check_order(specs)
        self._folder = statedir.prepare(data_dir)
        self._on_ready = on_ready
        self._written = ""
        self.children = [
            Child(spec, self._folder / "logs", rotate_bytes, keep_files) for spec in specs
        ]
        self._by_name = {child.spec.name: child for child in self.children}

    def run(self) -> None:
        """Start everything, then keep it running until SIGTERM, SIGINT or SIGHUP.

        Raises:
            SettingsError: another supervisor runs on this data directory.
            UnavailableError: a child never became ready at the first start; its last lines are in
                the message, and everything was stopped again.
        """
        lock = statedir.Lock(self._folder / "run" / "supervisor.lock", "hatang")
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        # What a killed guard leaves behind comes to us instead of to init.
        guard.prctl(guard.PR_SET_CHILD_SUBREAPER, 1)
        try:
            if self._first_start():
                self._keep_running()
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            lock.close()

    def _first_start(self) -> bool:
        """Bring all children up once; False when told to stop meanwhile."""
        while any(child.state is not State.READY for child in self.children):
            for child in self.children:
                if child.state is State.WAITING and child.restarts == 0:
                    self._start_when_possible(child)
                died = child.check()
                if died or child.late:
                    raise UnavailableError(_obituary(child, died=died), fix=_where(child))
            self._write_status()
            if self._told_to_stop():
                return False
        if self._on_ready is not None:
            self._on_ready()
        return True

    def _keep_running(self) -> None:
        while not self._told_to_stop():
            for child in self.children:
                self._tend(child)
            self._write_status()

    def _tend(self, child: Child) -> None:
        if child.check():
            _logger.error("%s", _obituary(child, died=True))
            self._end_orphans()
        elif child.late:
            _logger.error("%s", _obituary(child, died=False))
            child.kill()
        elif child.due:
            self._start_when_possible(child)
        child.rotate()

    def _start_when_possible(self, child: Child) -> None:
        needed = (self._by_name[name] for name in child.spec.after)
        if child.due and all(each.state is State.READY for each in needed):
            child.start()

    def _end_orphans(self) -> None:
        ours = {child.pid for child in self.children}
        for pid in set(guard.children(os.getpid())) - ours:
            guard.send([*guard.descendants(pid), pid], signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _told_to_stop(self) -> bool:
        caught = signal.sigtimedwait(_SIGNALS, _TICK_SECONDS)
        return caught is not None and caught.si_signo in _STOP

    def _stop(self) -> None:
        """Stop one after the other, last started first, so that nobody loses what it stands on."""
        for child in reversed(self.children):
            child.terminate()
            deadline = clock.monotonic() + child.spec.stop_seconds
            while not child.ended:
                if clock.monotonic() > deadline:
                    _logger.error("%s did not stop in time and is killed", child.spec.name)
                    child.kill()
                signal.sigtimedwait({signal.SIGCHLD}, _TICK_SECONDS)
                child.check()
            self._write_status()

    def _write_status(self) -> None:
        status = {
            "pid": os.getpid(),
            "children": {
                child.spec.name: {
                    "state": child.state,
                    "pid": child.pid,
                    "restarts": child.restarts,
                    "exit_status": child.exit_status,
                }
                for child in self.children
            },
        }
        text = json.dumps(status, indent=1, sort_keys=True)
        if text != self._written:
            statedir.replace_text(self._folder / "run" / "status.json", text)
            self._written = text


def _check_order(specs: Sequence[ChildSpec]) -> None:
    known: set[str] = set()
    for spec in specs:
        missing = set(spec.after) - known
        if missing or spec.name in known:
            raise SettingsError(
                f"the process {spec.name} stands before {', '.join(sorted(missing)) or 'itself'}",
                fix="List each process once, after those it needs.",
            )
        known.add(spec.name)


def _obituary(child: Child, *, died: bool) -> str:
    what = f"died (exit status {child.exit_status})" if died else "did not become ready in time"
    lines = "\n".join(f"  {line}" for line in child.tail())
    return f"{child.spec.name} {what}; its last lines:\n{log.redact(lines) or '  (none)'}"


def _where(child: Child) -> str:
    return f"Read {child.log}, mend what it says and start again."
