"""`hatang-lab down` takes everything away, whatever became of `up`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lab.netns import ours
from tests.lab.conftest import SMALL, RunningLab, eventually, lab_processes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.lab, pytest.mark.slow]

START_SECONDS = 60.0


def nodes_starting() -> bool:
    """Whether the first nodes' inits run; more are to come."""
    return any("node-init" in words for words in lab_processes())


def wires_starting() -> bool:
    """Whether the wire process was started; it may not have entered its namespace."""
    return any("lab.wires" in words for words in lab_processes())


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(lambda: bool(ours()), id="namespaces", marks=pytest.mark.soak),
        pytest.param(wires_starting, id="wires"),
        pytest.param(nodes_starting, id="nodes", marks=pytest.mark.soak),
    ],
)
def test_down_cleans_up_after_an_up_that_was_killed(
    untouched: Callable[[], None], tmp_path: Path, moment: Callable[[], bool]
) -> None:
    lab = RunningLab(tmp_path / "lab")
    command = [sys.executable, "-m", "lab", "up", *SMALL, "--state", str(lab.directory)]
    try:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as up:
            assert eventually(moment, START_SECONDS, pause=0.005)
            up.kill()
    finally:
        lab.run("down", "--purge")
    untouched()
    assert not lab.directory.exists()


def test_up_and_down_twice_leaves_nothing(untouched: Callable[[], None], tmp_path: Path) -> None:
    lab = RunningLab(tmp_path / "lab")
    for words in ((), ("--purge",)):
        try:
            lab.run("up", *SMALL, "--state", str(lab.directory))
            lab.run("impair", "dc-sw-1--host", "--delay", "1ms")  # a port of its own on the host
        finally:
            lab.run("down", *words)
        untouched()
    assert lab.run("down") == "nothing was up\n"
    assert not lab.directory.exists()
