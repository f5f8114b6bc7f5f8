"""A build of the Debian tree that is killed leaves the host as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.tree import ALONE
from tests.lab.conftest import eventually

BUILDER = "import subprocess, sys; subprocess.run(sys.argv[1:])"
MOUNTING = 'mount -t tmpfs here "$0" && touch "$0/inside" && sleep 60'


def running(word: str) -> list[Path]:
    """Return the folder in /proc of each process that was started with this word."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if word in words:
            found.append(entry.parent)
    return found


def has_mounted(place: Path) -> bool:
    """Whether the builder sees its own mount."""
    inside = str(place / "inside").lstrip("/")
    return any((each / "root" / inside).exists() for each in running(str(place)))


@pytest.mark.lab
def test_mounts_and_processes_of_a_build_go_with_who_started_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    place = str(tmp_path)
    command = [sys.executable, "-c", BUILDER, *ALONE, "sh", "-c", MOUNTING, place]
    with subprocess.Popen(command) as up:
        try:
            assert eventually(lambda: has_mounted(tmp_path), 10)
            assert list(tmp_path.iterdir()) == []
        finally:
            up.kill()
    assert eventually(lambda: not running(place), 10), running(place)
    assert place not in Path("/proc/self/mountinfo").read_text()
