"""One running lab for every test that needs it; its end proves that nothing is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lab import netns
from lab.keys import Secrets
from lab.state import RUN_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIX = "10.251.0.0/16"  # not the default: the lab must not depend on it

SMALL = ("--only", "small", "--prefix", PREFIX)


@dataclass(frozen=True)
class RunningLab:
    """The lab as a person drives it: through its command."""

    directory: Path

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "lab", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self, *words: str) -> str:
        command = [sys.executable, "-m", "lab", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stdout
        return done.stderr

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads((self.directory / "lab.json").read_text())
        return facts

    @property
    def secrets(self) -> Secrets:
        return Secrets(**json.loads((self.directory / "secrets.json").read_text()))

    def silent(self) -> set[str]:
        nodes = json.loads(self.run("status", "--format", "json"))["nodes"]
        return {name for name, node in nodes.items() if not node["answers"]}


def eventually(condition: Callable[[], bool], seconds: float, pause: float = 0.2) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def host_snapshot() -> dict[str, str]:
    """What of the host a lab could leave changed."""
    commands = {
        "interfaces": ["ip", "-br", "link"],
        "routes": ["ip", "route", "show", "table", "all"],
        "rules": ["ip", "rule"],
        "addresses": ["ip", "-br", "address"],
        "namespaces": ["ip", "netns", "list"],
        "enabled units": ["find", "/etc/systemd/system", "/etc/rc2.d", "-type", "l"],
    }
    return {
        name: subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for name, command in commands.items()
    }


def host_mounts() -> set[str]:
    """The host's mounts; others may come and go meanwhile, so only new ones can be the lab's."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return {line.split(" ", 3)[3] for line in lines}


def lab_processes() -> list[str]:
    """Return the command lines of everything the lab started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if any(name in words for name in ("lab.wires", "lab.rooms", "node-init", "lab/start.sh")):
            found.append(words)
    return found


@pytest.fixture(scope="module")
def untouched() -> Iterator[Callable[[], None]]:
    """A check that no lab has left anything on this host; skips where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    if netns.ours():
        pytest.skip("another lab is up on this machine")
    before, mounts = host_snapshot(), host_mounts()

    def check() -> None:
        assert netns.ours() == []
        assert eventually(lambda: not lab_processes(), 5), lab_processes()
        assert host_snapshot() == before
        assert host_mounts() <= mounts
        assert sorted(path.name for path in RUN_DIRECTORY.iterdir()) == ["lock"]

    yield check
    check()


@pytest.fixture(scope="module")
def running_lab(
    untouched: Callable[[], None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningLab]:
    lab = RunningLab(tmp_path_factory.mktemp("lab"))
    try:
        lab.run("up", *SMALL, "--state", str(lab.directory))
        yield lab
    finally:
        lab.run("down", "--purge")
    untouched()
    assert not lab.directory.exists()
