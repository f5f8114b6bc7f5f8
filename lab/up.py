"""Bring the province up, phase by phase, and say how long each took."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lab import keys, plumbing, processes, province, reach, stage, state, tree
from lab.address import HOST_INTERFACE, networks_of_host, parse_prefix, refuse_overlap
from lab.down import sweep
from lab.errors import LabError
from lab.netns import name_of, ours
from lab.render.node import files
from lab.routing import adjacencies_full
from lab.state import LabState, LinkFacts, NodeFacts
from lab.topology import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.keys import Secrets
    from lab.topology import Node, Province

TOOLS = ("ip", "unshare", "nsenter", "mount", "pivot_root", "bash")
CONVERGENCE_SECONDS = 120.0
BOOTED = (Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS)


@dataclass(frozen=True)
class Order:
    """What the person asked for."""

    prefix: str
    seed: int
    size: str
    directory: Path
    cache: Path


class Phases:
    """Prints each phase with its seconds."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.started = self._last = time.monotonic()

    def done(self, what: str) -> None:
        """Close a phase."""
        now = time.monotonic()
        self.say(f"{what:<52} {now - self._last:6.1f} s")
        self._last = now

    @property
    def total(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


def check(order: Order) -> None:
    """Refuse early, in one sentence, what cannot work.

    Raises:
        LabError: the lab is up already, a tool is missing, or the prefix is taken.
    """
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise LabError(f"Missing tools: {', '.join(missing)} (Debian: iproute2, util-linux, bash).")
    # There is one lab a machine, and the sweep below knows no owner: wherever its state lies, a
    # lab that runs is not ours to take away.
    for place in (order.directory, state.of_root()):
        if ours() and (place / "lab.json").exists() and state.load(place).ready:
            raise LabError(
                f"The lab is up already (state in {place});"
                " take it down first with: hatang-lab down"
            )
    sweep(order.directory)
    refuse_overlap(parse_prefix(order.prefix), networks_of_host())


def up(order: Order, say: Callable[[str], None]) -> LabState:
    """Start everything and return what runs once every loopback answers.

    Raises:
        LabError: a phase failed; what was started stays for a look until `down`.
    """
    phases = Phases(say)
    check(order)
    lower = tree.ensure(order.cache, say)
    phases.done("debian tree")
    drawn = province.draw_size(parse_prefix(order.prefix), order.seed, order.size)
    held = LabState(
        order.prefix, order.seed, order.size, str(lower), HOST_INTERFACE,
        str(drawn.addresses.host.ip),
    )  # fmt: skip
    _prepare(order.directory, held)
    secrets = keys.load_or_create(order.directory / "secrets.json")
    _write_stages(drawn, secrets, lower, order.directory)
    (order.directory / "ca.pem").write_text(secrets.ca_certificate)
    phases.done(f"files of {len(drawn.of_kind(*BOOTED))} nodes")
    plumbing.create_namespaces(drawn)
    plumbing.create_cables(drawn)
    processes.start_wires(drawn, order.directory)
    plumbing.configure(drawn)
    phases.done(f"{len(drawn.links)} links")
    _boot(drawn, held, order.directory)
    phases.done("nodes")
    _start_stand_ins(drawn, held, secrets, order.directory)
    keys.save(secrets, order.directory / "secrets.json")
    _converge(drawn)
    for switch in drawn.of_kind(Kind.SWITCH):
        processes.wait_for_simulator(switch, order.directory / "simulators" / switch.name)
    held.ready = True
    state.save(held, order.directory)
    phases.done("routes: every adjacency full, every address answers")
    say(f"up in {phases.total:.1f} s; seed {order.seed}; facts in {order.directory / 'lab.json'}")
    return held


def _prepare(directory: Path, held: LabState) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    state.POINTER.write_text(str(directory))
    state.save(held, directory)


def _write_stages(drawn: Province, secrets: Secrets, lower: Path, directory: Path) -> None:
    accounts = stage.Accounts(lower, secrets)
    for node in drawn.of_kind(*BOOTED):
        place = directory / "nodes" / node.name / "files"
        stage.write(files(node, drawn, secrets), accounts, place)


def _boot(drawn: Province, held: LabState, directory: Path) -> None:
    nodes = drawn.of_kind(*BOOTED)
    holders: dict[str, int] = {}
    from_tree = Path(held.tree)
    for node in nodes:
        place = directory / "nodes" / node.name
        holders[node.name] = processes.start_node(node, from_tree, place)
    for node in nodes:
        place = directory / "nodes" / node.name
        init = processes.wait_for_node(node, holders[node.name], place)
        held.nodes[node.name] = _facts(node, init)
    for node in drawn.of_kind(Kind.ROOM):
        held.nodes[node.name] = _facts(node, 0)
    held.links = [
        LinkFacts(link.name, ":".join(link.a), ":".join(link.z), link.wire)
        for link in drawn.links.values()
    ]
    state.save(held, directory)


def _facts(node: Node, init: int) -> NodeFacts:
    loopback = str(node.loopback.ip) if node.loopback else ""
    return NodeFacts(node.kind, node.role, init, node.address, name_of(node.name), loopback)


def _start_stand_ins(drawn: Province, held: LabState, secrets: Secrets, directory: Path) -> None:
    processes.start_rooms(drawn, directory)
    for switch in drawn.of_kind(Kind.SWITCH):
        place = directory / "simulators" / switch.name
        processes.start_simulator(switch, held.nodes[switch.name].pid, secrets, place)


def _converge(drawn: Province) -> None:
    addresses = {node.address: node.name for node in drawn.nodes.values() if node.name != "host"}
    missing = reach.wait_for_all(addresses, CONVERGENCE_SECONDS)
    if missing:
        names = ", ".join(sorted(addresses[address] for address in missing))
        raise LabError(f"No echo after {CONVERGENCE_SECONDS:.0f} s from: {names}.")
    for node in drawn.of_kind(Kind.ROUTER):
        full = partial(adjacencies_full, node)
        processes.wait_for(f"OSPF of {node.name}", full, CONVERGENCE_SECONDS)
