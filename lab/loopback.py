"""The lab without root: the switches' command lines on 127.0.0.0/8, and nothing else.

No namespace, no FRR, no Debian tree: each switch is one process of this user that listens on an
address and a port anybody may take. What that leaves out is said at `up`, in `LEFT_OUT`.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import alive, keys, processes, state
from lab.address import parse_prefix
from lab.alive import Process
from lab.errors import LabError
from lab.render.switch import login_port
from lab.state import LabState, NodeFacts
from lab.topology import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.topology import Node, Province

PREFIX = "127.0.0.0/16"
START_SECONDS = 30.0
CONNECT_SECONDS = 1.0
WHOLE_LAB = "the whole lab, which root starts with: sudo hatang-lab up"
LEFT_OUT = (
    "left out: routers with OSPF and BGP, SNMP, LLDP, circuits to break or impair, servers, mail,"
    " the conference bridge, rooms and UPSes; ports are state only, no frame passes through a"
    f" switch. That needs {WHOLE_LAB}"
)
SIMULATOR = ("-m", "lab.simulators", "--config")
FILES = ("lab.json", "lab.json.partial", "ca.pem")


@dataclass(frozen=True)
class Order:
    """What the person asked for; no prefix is `PREFIX`."""

    prefix: str | None
    seed: int
    size: str
    directory: Path


def is_held(place: Path) -> bool:
    """Whether the lab with this state directory is one on 127.0.0.0/8."""
    return (place / "lab.json").exists() and state.load(place).loopback


def refuse(word: str, place: Path) -> None:
    """Refuse a command that acts on what a lab on 127.0.0.0/8 has not.

    Raises:
        LabError: we are not root, or this lab is such a one.
    """
    if os.geteuid() != 0 or is_held(place):
        raise LabError(f"`{word}` needs {WHOLE_LAB}")


def up(order: Order, say: Callable[[str], None]) -> LabState:
    """Start the switches and return what runs once each takes logins.

    Raises:
        LabError: it runs already, an address is taken, or a switch did not start; nothing is left
            running then.
    """
    started = time.monotonic()
    prefix = order.prefix or PREFIX
    if not parse_prefix(prefix).is_loopback:
        raise LabError(f"--prefix {prefix}: without root it must lie in 127.0.0.0/8, as {PREFIX}.")
    held = LabState(prefix, order.seed, order.size, "", "", "127.0.0.1")
    drawn = held.province()
    try:
        order.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LabError(f"--state {order.directory} cannot be had ({error.strerror}).") from None
    with state.alone(order.directory):
        _check(drawn, order.directory)
        say(f"only the command lines of {len(drawn.nodes)} switches, on {prefix}")
        say(LEFT_OUT)
        try:
            _start(drawn, held, order.directory)
        except BaseException:
            alive.end(_processes(held))
            (order.directory / "lab.json").unlink(missing_ok=True)
            raise
    for node in drawn.nodes.values():
        say(f"{node.name:<12} {node.persona:<4} {node.address}:{login_port(node)}")
    say(f"up in {time.monotonic() - started:.1f} s; state in {order.directory}")
    return held


def down(place: Path, *, purge: bool) -> int:
    """End the switches of this lab; return how many still ran.

    Passwords, host keys and certificates stay for the next `up`, unless `purge`.

    Raises:
        LabError: the lab is root's, or a process would not die.
    """
    if not place.is_dir():
        return 0
    with state.alone(place):
        count = 0
        if (place / "lab.json").exists():
            held = state.load(place)
            if not held.loopback:
                raise LabError(f"The lab with its state in {place} is not one on 127.0.0.0/8.")
            count = alive.end(_processes(held))
        # One that a killed `up` had started and not yet written down.
        count += alive.end(alive.started_as(SIMULATOR, place))
        _forget(place, purge=purge)
    return count


def answering(held: LabState) -> set[str]:
    """Return the addresses of the switches that live and take a connection."""
    nodes = held.province().nodes
    return {
        facts.mgmt_ip
        for name, facts in held.nodes.items()
        if Process(facts.pid, facts.started).lives and _connects(nodes[name])
    }


def _connects(node: Node) -> bool:
    try:
        socket.create_connection((node.address, login_port(node)), CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _processes(held: LabState) -> list[Process]:
    return [Process(facts.pid, facts.started) for facts in held.nodes.values()]


def _check(drawn: Province, place: Path) -> None:
    if (place / "lab.json").exists():
        held = state.load(place)
        if not held.loopback or any(process.lives for process in _processes(held)):
            raise LabError(f"The lab is up already; first: hatang-lab down --state {place}")
    for node in drawn.nodes.values():
        where = (node.address, login_port(node))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(where)
            except OSError as error:
                raise LabError(
                    f"{where[0]}:{where[1]} of {node.name} cannot be had ({error.strerror});"
                    " choose another --prefix in 127.0.0.0/8."
                ) from None


def _start(drawn: Province, held: LabState, place: Path) -> None:
    _forget(place, purge=False)
    secrets = keys.load_or_create(place / "secrets.json")
    (place / "ca.pem").write_text(secrets.ca_certificate)
    for node in drawn.of_kind(Kind.SWITCH):
        home = place / "simulators" / node.name
        config = processes.prepare_simulator(node, secrets, home)
        pid = processes.spawn([sys.executable, *SIMULATOR, str(config)], home / "log")
        since = alive.start_time(pid) or 0
        held.nodes[node.name] = NodeFacts(
            node.kind, node.role, pid, node.address, netns="", loopback="", started=since
        )
        state.save(held, place)  # after each, so that `down` finds it whatever comes next
    keys.save(secrets, place / "secrets.json")
    for node in drawn.of_kind(Kind.SWITCH):
        _wait(node, held.nodes[node.name], place / "simulators" / node.name / "log")
    held.ready = True
    state.save(held, place)


def _wait(node: Node, facts: NodeFacts, log: Path) -> None:
    def ready() -> bool:
        if not Process(facts.pid, facts.started).lives:
            last = (log.read_text().strip().splitlines() or ["no word"])[-1]
            raise LabError(f"The command line of {node.name} ended: {last}")
        return processes.READY_WORD in log.read_text()

    processes.wait_for(f"The command line of {node.name} (see {log})", ready, START_SECONDS)


def _forget(place: Path, *, purge: bool) -> None:
    """Remove our own files only: the directory may be one the person has used for more."""
    for name in (*FILES, "secrets.json") if purge else FILES:
        (place / name).unlink(missing_ok=True)
    shutil.rmtree(place / "simulators", ignore_errors=True)
    if purge and not any(place.iterdir()):
        place.rmdir()
