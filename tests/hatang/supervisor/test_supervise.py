from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.errors import SettingsError
from hatang.supervisor import ChildSpec, HttpReady, PortReady, Supervisor, signal_child
from hatang.supervisor.child import Child
from tests.hatang.drivers.httpserver import HttpsServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def processes_naming(folder: Path) -> list[int]:
    """Return processes with the folder in their arguments: ours, however they were orphaned."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(folder).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


class Run:
    """One supervisor process on a folder."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.process = process

    def until_up(self) -> None:
        until((self.folder / "up").exists)

    def status(self, name: str) -> dict[str, object]:
        text = (self.folder / "run" / "status.json").read_text()
        found: dict[str, object] = json.loads(text)["children"][name]
        return found

    def journal(self) -> list[str]:
        return (self.folder / "journal").read_text().splitlines()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@contextmanager
def supervising(folder: Path, **moods: str) -> Iterator[Run]:
    argv = [sys.executable, "-m", "tests.hatang.supervisor.program", str(folder)]
    process = subprocess.Popen([*argv, json.dumps(moods)], stderr=subprocess.PIPE, text=True)
    try:
        yield Run(folder, process)
    finally:
        process.kill()
        process.communicate()
        until(lambda: not processes_naming(folder))


def test_children_start_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    with supervising(tmp_path, database="good", api="good") as run:
        run.until_up()
        assert run.status("api")["state"] == "ready"
        assert run.end(signal.SIGTERM) == 0
        assert run.journal() == ["start database", "start api", "stop api", "stop database"]
        assert run.status("api") == {"state": "stopped", "pid": None, "restarts": 0} | {
            "exit_status": 0
        }


def test_ctrl_c_stops_as_sigterm_does(tmp_path: Path) -> None:
    with supervising(tmp_path, api="good") as run:
        run.until_up()
        assert run.end(signal.SIGINT) == 0
        assert run.journal() == ["start api", "stop api"]


def test_a_stubborn_child_is_killed_after_its_deadline(tmp_path: Path) -> None:
    with supervising(tmp_path, api="stubborn") as run:
        run.until_up()
        assert run.end(signal.SIGTERM) == 0
        assert processes_naming(tmp_path) == []


def test_killing_the_supervisor_leaves_no_process(tmp_path: Path) -> None:
    with supervising(tmp_path, api="good", forks="daemon", worker="stubborn") as run:
        run.until_up()
        assert len(processes_naming(tmp_path)) == 1 + 3 * 2 + 1
        run.end(signal.SIGKILL)
        until(lambda: not processes_naming(tmp_path))


def test_killing_the_supervisor_while_it_starts_leaves_no_process(tmp_path: Path) -> None:
    with supervising(tmp_path, api="never") as run:
        until(lambda: len(processes_naming(tmp_path)) > 1)
        run.end(signal.SIGKILL)
        until(lambda: not processes_naming(tmp_path))


def test_a_child_that_dies_comes_back(tmp_path: Path) -> None:
    with supervising(tmp_path, api="good") as run:
        run.until_up()
        os.kill(int(str(run.status("api")["pid"])), signal.SIGKILL)
        until(lambda: run.status("api")["restarts"] == 1 and run.status("api")["state"] == "ready")
        assert run.journal() == ["start api", "start api"]


def test_a_child_is_signalled_and_its_guard_is_not(tmp_path: Path) -> None:
    with supervising(tmp_path, api="good") as run:
        run.until_up()
        assert signal_child(tmp_path, "api", signal.SIGHUP)
        until(lambda: "hangup api" in run.journal())
        assert not signal_child(tmp_path, "nobody", signal.SIGHUP)
        assert run.status("api")["restarts"] == 0


def test_a_dead_childs_own_children_die_with_it(tmp_path: Path) -> None:
    with supervising(tmp_path, forks="daemon") as run:
        run.until_up()
        os.kill(int(str(run.status("forks")["pid"])), signal.SIGKILL)
        until(lambda: run.status("forks")["restarts"] == 1)
        until(lambda: run.status("forks")["state"] == "ready")
        until(lambda: len(processes_naming(tmp_path)) == 1 + 2 + 1)


def test_a_child_that_dies_at_the_start_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with supervising(tmp_path, database="good", api="broken") as run:
        _, errors = run.process.communicate(timeout=20)
        assert run.process.returncode == 2
        assert "api died (exit status 3)" in errors
        assert "cannot read my file" in errors
        assert "hunter2" not in errors
        assert run.journal()[-1] == "stop database"


def test_a_child_that_never_becomes_ready_is_reported(tmp_path: Path) -> None:
    with supervising(tmp_path, api="never") as run:
        _, errors = run.process.communicate(timeout=20)
        assert run.process.returncode == 2
        assert "api did not become ready in time" in errors
        assert "api says" in errors
        assert "logs/api.log" in errors


def test_a_second_supervisor_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with supervising(tmp_path, api="good") as run:
        run.until_up()
        argv = [sys.executable, "-m", "tests.hatang.supervisor.program", str(tmp_path), "{}"]
        second = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20)
        assert second.returncode == 2
        assert "already runs" in second.stderr


def test_back_off_doubles_from_death_to_death(tmp_path: Path) -> None:
    spec = ChildSpec("t", ("false",), first_pause=0.01)
    child = Child(spec, tmp_path, rotate_bytes=1_000, keep_files=2)
    pauses = []
    for _ in range(3):
        until(lambda: child.due)
        child.start()
        until(child.check)
        pauses.append(round(child._due_at - time.monotonic(), 2))
    assert pauses[0] < pauses[1] < pauses[2]
    assert child.restarts == 3


def test_a_log_that_grew_is_moved_aside(tmp_path: Path) -> None:
    child = Child(ChildSpec("t", ("true",)), tmp_path, rotate_bytes=10, keep_files=2)
    for text in ("one", "two", "three", "four"):
        child.log.write_text(text * 10)
        child.rotate()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["t.log", "t.log.1", "t.log.2"]
    assert Path(f"{child.log}.1").read_text() == "four" * 10


def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    child = Child(ChildSpec("t", ("/no/such/program",)), tmp_path, 1_000, 2)
    child.start()
    until(child.check)
    assert child.exit_status == 127
    assert "cannot be executed" in child.tail()[-1]


def test_processes_are_listed_after_those_they_need(tmp_path: Path) -> None:
    specs = [ChildSpec("api", ("true",), after=("database",)), ChildSpec("database", ("true",))]
    with pytest.raises(SettingsError, match="api"):
        Supervisor(tmp_path, specs)


def test_something_listening_is_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert PortReady("127.0.0.1", server.getsockname()[1])()


def test_nothing_listening_is_not_ready() -> None:
    assert not PortReady("127.0.0.1", 1)()
    assert not HttpReady("http://127.0.0.1:1/-/ready")()


def test_a_child_that_speaks_tls_is_asked_by_tls() -> None:
    # The certificate is for the name people use, not for the address that is asked.
    with HttpsServer() as server:
        assert HttpReady(f"{server.url}/get")()
        assert not HttpReady(f"http://127.0.0.1:{server.port}/get")()
