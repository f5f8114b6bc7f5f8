"""A meeting on the lab's bridge: who takes part from which room, and what wires did to it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lab import netns
from lab.errors import LabError
from lab.processes import PACKAGE_ROOT
from lab.render.services import JANUS_HTTP_PORT, MEETING_ROOM
from lab.shell import CLEAN_ENVIRONMENT
from lab.state import WIRE_SOCKET
from lab.topology import Kind
from lab.wires.control import ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lab.state import LabState
    from lab.wires.control import StreamStatus


@dataclass(frozen=True)
class Order:
    """Who joins which room of the bridge: `real` are {display, netns, address}, seconds long."""

    url: str
    room: int
    real: list[dict[str, str]]
    simulated: list[str]
    seconds: float


def flows(held: LabState, circuit: str) -> dict[str, dict[str, StreamStatus]]:
    """Return what the circuit's wire counted of each RTP stream by direction, and count on.

    Raises:
        LabError: there is no such circuit, or the wire process refused.
    """
    link = held.province().links.get(circuit)
    if link is None or not link.wire:
        raise LabError(f"There is no circuit `{circuit}`; hatang-lab status lists them.")
    found = ask(WIRE_SOCKET, op="watch", wire=circuit)[circuit]
    directions = {"a_to_z": found["a_to_z"], "z_to_a": found["z_to_a"]}
    return {name: one.get("streams", {}) for name, one in directions.items()}


def become(
    held: LabState, place: Path, rooms: Sequence[str], simulated: Sequence[str], seconds: float
) -> None:
    """Replace this process by the participants.

    Raises:
        LabError: no room has that name, the bridge is not drawn, or WebRTC is not installed.
    """
    if find_spec("aiortc") is None:
        raise LabError("WebRTC is not installed; pip install aiortc.")
    drawn = held.province()
    known = {room.name: room for room in drawn.of_kind(Kind.ROOM)}
    strangers = [name for name in rooms if name not in known]
    if strangers or "srv-bridge" not in drawn.nodes:
        raise LabError(f"No such rooms: {', '.join(strangers)}." if strangers else "No bridge.")
    order = Order(
        url=f"http://{drawn.nodes['srv-bridge'].address}:{JANUS_HTTP_PORT}",
        room=MEETING_ROOM,
        real=[
            {"display": name, "netns": netns.name_of(name), "address": known[name].address}
            for name in rooms
        ],
        simulated=list(simulated),
        seconds=seconds,
    )
    specification = place / "meeting.json"
    specification.write_text(json.dumps(asdict(order), ensure_ascii=False), encoding="utf-8")
    words = [sys.executable, "-m", "lab.participants", str(specification)]
    environment = CLEAN_ENVIRONMENT | {"PYTHONPATH": str(PACKAGE_ROOT)}
    os.execve(words[0], words, environment)  # noqa: S606 - our own module
