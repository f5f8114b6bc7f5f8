"""Start what lives on after the command: node inits, the wires, the rooms, the simulators."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lab import netns
from lab.errors import LabError
from lab.render import node as render_node
from lab.render.services import ZONE
from lab.render.switch import initial_config, simulator
from lab.shell import CLEAN_ENVIRONMENT
from lab.state import WIRE_SOCKET
from lab.topology import Kind
from lab.wires.control import partial_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab.keys import Secrets
    from lab.topology import Node, Province

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
NODE_SECONDS = 60.0
WIRE_SECONDS = 15.0
POLL_SECONDS = 0.05
READY_WORD = '"ready": true'


def spawn(command: Sequence[str], log: Path) -> int:
    """Start a process that outlives us and return its id."""
    environment = CLEAN_ENVIRONMENT | {"PYTHONPATH": str(PACKAGE_ROOT)}
    with log.open("w") as output:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment, cwd="/", start_new_session=True,
        )  # fmt: skip
    return process.pid


def wait_for(what: str, ready: Callable[[], bool], seconds: float) -> None:
    """Poll until something is there.

    Raises:
        LabError: it did not come in time.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise LabError(f"{what} was not ready after {seconds:.0f} s.")
        time.sleep(POLL_SECONDS)


def start_wires(province: Province, place: Path) -> None:
    """Start the wire process and wait until every circuit's ports exist."""
    specs = []
    for link in province.links.values():
        if link.wire:
            (a, port_a), (z, port_z) = link.a, link.z
            specs.append({
                "name": link.name,
                "a": (netns.name_of(a), port_a),
                "z": (netns.name_of(z), port_z),
                "speed_mbps": link.rate_kbps // 1000,
                "seed": str(province.seed),
                "quality": asdict(link.impairment),
            })  # fmt: skip
    specification = place / "wires.json"
    specification.write_text(json.dumps(specs))
    WIRE_SOCKET.unlink(missing_ok=True)
    partial_of(WIRE_SOCKET).unlink(missing_ok=True)
    arguments = [str(specification), str(WIRE_SOCKET)]
    spawn([sys.executable, "-m", "lab.wires.process", *arguments], place / "wires.log")
    wait_for(f"The wire process (see {place / 'wires.log'})", WIRE_SOCKET.exists, WIRE_SECONDS)


def start_node(node: Node, tree: Path, stage: Path) -> int:
    """Start a node's namespaces and return the id of the process that holds them."""
    (stage / "mnt").mkdir(exist_ok=True)
    command = ["ip", "netns", "exec", netns.name_of(node.name)]
    command += ["unshare", "--mount", "--uts", "--pid", "--ipc", "--fork", "--kill-child"]
    command += ["bash", str(render_node.FILES / "node-init.sh"), node.name, str(tree), str(stage)]
    return spawn(command, stage / "log")


def child_of(pid: int) -> int | None:
    """Return the first child of a process: the node's init behind `unshare`."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def wait_for_node(node: Node, holder: int, stage: Path) -> int:
    """Wait until the node's start script is through; return its init's process id."""

    def ready() -> bool:
        init = child_of(holder)
        return init is not None and Path(f"/proc/{init}/root/{render_node.READY}").exists()

    wait_for(f"Node {node.name} (see {stage / 'log'})", ready, NODE_SECONDS)
    init = child_of(holder)
    if init is None:
        raise LabError(f"Node {node.name} died at its start; see {stage / 'log'}.")
    return init


def start_rooms(province: Province, place: Path) -> None:
    """Start the endpoints of every room."""
    registrar = province.nodes.get("srv-sip")
    rooms = province.of_kind(Kind.ROOM)
    target = registrar.address if registrar else str(province.addresses.at(9, 12))
    specs = [
        {
            "netns": netns.name_of(room.name),
            "user": room.site,
            "domain": ZONE,
            "address": room.address,
            "registrar": target,
        }
        for room in rooms
    ]
    specification = place / "rooms.json"
    specification.write_text(json.dumps(specs))
    spawn([sys.executable, "-m", "lab.rooms", str(specification)], place / "rooms.log")


def start_simulator(node: Node, init: int, secrets: Secrets, place: Path) -> None:
    """Start the command line of one switch inside its network namespace.

    It runs on this host's Python, so it asks the node's own lldpd from inside the node's mounts.
    """
    lldpcli = ["nsenter", "-t", str(init), "--mount", "--", "lldpcli"]
    config = prepare_simulator(node, secrets, place, lldpcli=lldpcli)
    command = ["ip", "netns", "exec", netns.name_of(node.name), sys.executable]
    command += ["-m", "lab.simulators", "--config", str(config)]
    spawn(command, place / "log")


def prepare_simulator(node: Node, secrets: Secrets, place: Path, **more: object) -> Path:
    """Write what one switch's command line reads, and return the file that describes it."""
    place.mkdir(parents=True, exist_ok=True)
    settings = simulator(node, secrets, place) | more
    (place / "initial.cfg").write_text(initial_config(node))
    if node.persona == "ios":
        _private(place / "host_key", secrets.host_key(node.name))
    else:
        chain, key = secrets.server_certificate(node.name, [f"{node.name}.{ZONE}"], node.address)
        (place / "server.pem").write_text(chain)
        _private(place / "server.key", key)
    _private(place / "config.json", json.dumps(settings))
    return place / "config.json"


def wait_for_simulator(node: Node, place: Path) -> None:
    """Wait until a switch's command line takes logins."""
    log = place / "log"
    wait_for(
        f"The command line of {node.name} (see {log})",
        lambda: READY_WORD in log.read_text(),
        NODE_SECONDS,
    )


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    os.chmod(path, 0o600)  # noqa: PTH101 - also when the file was there
    path.write_text(text)
