"""Take the lab away: found by the prefix of its namespaces, whatever the state file says."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from lab import netns, state
from lab.address import HOST_INTERFACE
from lab.errors import LabError
from lab.netns import NETNS_DIRECTORY
from lab.shell import CLEAN_ENVIRONMENT, ip_batch, run
from lab.wires.control import partial_of

KILL_SECONDS = 10.0
POLL_SECONDS = 0.02
LEFT_BEHIND = ("lab.json", "lab.json.partial", "wires.json", "rooms.json")


def sweep(directory: Path, *, purge: bool = False) -> int:
    """Remove every trace of a running or half-started lab; return how many namespaces went.

    Passwords, host keys and the switches' flash stay in `directory` for the next `up`, unless
    `purge`.

    Raises:
        LabError: a process would not die.
    """
    names = netns.ours()
    with netns.kept(names) as inodes:
        _kill_all(inodes)
        if names:
            ip_batch([f"netns delete {name}" for name in names], check=False)
        # What a killed `up` had just started may have entered after the first look; without its
        # name nobody can enter a namespace any more.
        _kill_all(inodes)
    run(["ip", "link", "delete", HOST_INTERFACE], check=False)
    _release_netns_directory()
    _forget(directory, purge=purge)
    return len(names)


def _kill_all(inodes: set[int]) -> None:
    deadline = time.monotonic() + KILL_SECONDS
    own = os.getpid()
    while pids := [pid for pid in netns.living_in(inodes) if pid != own]:
        if time.monotonic() > deadline:
            raise LabError(f"Processes {pids} of the lab would not die.")
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(POLL_SECONDS)


def _release_netns_directory() -> None:
    """`ip netns add` leaves /run/netns mounted on itself; take that back when nobody needs it."""
    if NETNS_DIRECTORY.is_dir() and not any(NETNS_DIRECTORY.iterdir()):
        while f" {NETNS_DIRECTORY} " in Path("/proc/self/mountinfo").read_text():
            done = subprocess.run(
                ["umount", str(NETNS_DIRECTORY)], check=False, capture_output=True,
                env=CLEAN_ENVIRONMENT,
            )  # fmt: skip
            if done.returncode != 0:
                return


def _forget(directory: Path, *, purge: bool) -> None:
    for name in LEFT_BEHIND:
        (directory / name).unlink(missing_ok=True)
    shutil.rmtree(directory / "nodes", ignore_errors=True)
    shutil.rmtree(directory / "simulators", ignore_errors=True)
    for path in (state.WIRE_SOCKET, partial_of(state.WIRE_SOCKET), state.POINTER):
        path.unlink(missing_ok=True)
    if purge:
        shutil.rmtree(directory, ignore_errors=True)
