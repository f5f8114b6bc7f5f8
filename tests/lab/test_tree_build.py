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


def processes_with(word: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


@pytest.mark.lab
def test_mounts_and_processes_of_a_build_go_with_who_started_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    place = str(tmp_path)
    command = [sys.executable, "-c", BUILDER, *ALONE, "sh", "-c", MOUNTING, place]
    with subprocess.Popen(command) as up:
        try:
            assert eventually(lambda: any(p.startswith("sh\0") for p in processes_with(place)), 10)
            assert place not in Path("/proc/self/mountinfo").read_text()
        finally:
            up.kill()
    assert eventually(lambda: not processes_with(place), 10), processes_with(place)
    assert list(tmp_path.iterdir()) == []
