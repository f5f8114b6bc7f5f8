"""Run a command inside a node that is up."""

from __future__ import annotations

import os
from pathlib import Path

from lab import netns
from lab.errors import LabError
from lab.shell import run

NETNS_OF_SELF = "ns/net"


def init_of(node: str) -> int | None:
    """Return the process id of a node's init, from the kernel and not from a file.

    It is process 1 of a pid namespace of its own, inside the node's network namespace.
    """
    for pid in netns.processes_in([netns.name_of(node)]):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        inner = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
        if len(inner) > 1 and inner[-1] == "1":
            return pid
    return None


def entering(node: str, command: list[str]) -> list[str]:
    """Return the command line that runs `command` inside the node.

    Raises:
        LabError: there is no such node, or it is not running.
    """
    if netns.name_of(node) not in netns.ours():
        raise LabError(f"There is no node `{node}`; hatang-lab status lists them.")
    init = init_of(node)
    if init is None:  # a room has a network namespace and nothing else
        return ["ip", "netns", "exec", netns.name_of(node), *command]
    return ["nsenter", "-t", str(init), "--all", *command]


def run_inside(node: str, command: list[str], *, stdin: str = "", check: bool = True) -> str:
    """Run a command inside a node and return its output (LabError when it fails)."""
    return run(entering(node, command), stdin=stdin, check=check)


def become(node: str, command: list[str]) -> None:
    """Replace this process by the command inside the node (for `hatang-lab exec`)."""
    arguments = entering(node, command)
    os.execvp(arguments[0], arguments)  # noqa: S606 - the person's own command, in our namespace


def file_of(node: str, path: str) -> Path:
    """Return a node's file as the host sees it (LabError when the node is not running)."""
    init = init_of(node)
    if init is None:
        raise LabError(f"Node `{node}` is not running.")
    return Path(f"/proc/{init}/root") / path.lstrip("/")
