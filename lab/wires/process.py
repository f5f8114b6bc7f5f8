"""The process that owns every wire: one epoll loop, one heap of frames on their way.

Run as `python -m lab.wires.process SPEC SOCKET`; SPEC is JSON (see `WireSpec`), SOCKET takes one
JSON request a connection: {"op": "status"} or {"op": "set", "wire": ..., "delay_seconds": ...} or
{"op": "add", "spec": WireSpec} or {"op": "remove", "wire": ...} or {"op": "watch", "wire": ...},
after which the wire's RTP streams are counted apart.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random

from lab import netns
from lab.wires.control import partial_of
from lab.wires.flows import Flows
from lab.wires.queue import Cause, Direction, Quality
from lab.wires.tap import open_tap, set_carrier

FRAMES_A_TURN = 64
FRAME_BYTES = 65535
REQUEST_SECONDS = 1.0
HOME_NAMESPACE = netns.name_of("wires")


@dataclass(frozen=True)
class WireSpec:
    """One wire as the lab orders it; ends are (namespace, interface)."""

    name: str
    a: tuple[str, str]
    z: tuple[str, str]
    speed_mbps: int
    seed: str
    quality: dict[str, float]


@dataclass
class Side:
    """One end of a wire: where frames leave for, and what befalls them on the way there."""

    wire: str
    descriptor: int
    peer: int
    direction: Direction
    flows: Flows | None = None


class WireLoop:
    """Moves frames between TAP pairs until it is killed."""

    def __init__(self, specs: list[WireSpec], control: socket.socket) -> None:
        self.sides: dict[int, Side] = {}
        self.wires: dict[str, tuple[Side, Side]] = {}
        self.control = control
        self._heap: list[tuple[float, int, Side, bytes]] = []
        self._serial = 0
        self._epoll = select.epoll()
        self._epoll.register(control.fileno(), select.EPOLLIN)
        for spec in specs:
            self._add(spec)

    def _add(self, spec: WireSpec) -> None:
        if spec.name in self.wires:
            raise ValueError(f"there is a wire {spec.name}")
        a = open_tap(*spec.a, spec.speed_mbps)
        try:
            z = open_tap(*spec.z, spec.speed_mbps)
        except OSError:
            os.close(a)
            raise
        pair = []
        for descriptor, peer, label in ((a, z, "a-to-z"), (z, a, "z-to-a")):
            random = Random(f"{spec.seed}/{spec.name}/{label}")  # noqa: S311 - losses, not secrets
            side = Side(spec.name, descriptor, peer, Direction(Quality(**spec.quality), random))  # type: ignore[arg-type] # the JSON holds floats only
            self.sides[descriptor] = side
            self._epoll.register(descriptor, select.EPOLLIN)
            pair.append(side)
        self.wires[spec.name] = (pair[0], pair[1])

    def _remove(self, wire: str) -> None:
        """Let the TAPs go and what is under way with them: a number may be another TAP's soon."""
        for side in self.wires.pop(wire, ()):
            self._epoll.unregister(side.descriptor)
            del self.sides[side.descriptor]
            os.close(side.descriptor)
        self._heap = [entry for entry in self._heap if entry[2].wire != wire]
        heapq.heapify(self._heap)

    def run(self) -> None:
        """Serve for ever."""
        while True:
            wait = -1.0
            if self._heap:
                wait = max(0.0, self._heap[0][0] - time.monotonic())
            for descriptor, _ in self._epoll.poll(wait):
                if descriptor == self.control.fileno():
                    self._answer()
                elif descriptor in self.sides:  # else its wire was removed in this very turn
                    self._take(self.sides[descriptor])
            self._deliver()

    def _take(self, side: Side) -> None:
        for _ in range(FRAMES_A_TURN):
            try:
                frame = os.read(side.descriptor, FRAME_BYTES)
            except OSError:  # empty, or the interface is down
                return
            arrives_at = side.direction.offer(time.monotonic(), len(frame))
            if side.flows is not None:
                side.flows.count(frame, dropped=arrives_at is None)
            if arrives_at is not None:
                self._serial += 1
                heapq.heappush(self._heap, (arrives_at, self._serial, side, frame))

    def _deliver(self) -> None:
        now = time.monotonic()
        while self._heap and self._heap[0][0] <= now:
            _, _, side, frame = heapq.heappop(self._heap)
            try:
                os.write(side.peer, frame)
            except OSError:
                side.direction.drop(Cause.PORT)
            else:
                side.direction.delivered(len(frame))

    def _answer(self) -> None:
        connection, _ = self.control.accept()
        with connection:
            connection.settimeout(REQUEST_SECONDS)
            try:
                request = json.loads(connection.makefile("rb").readline())
                answer = self._obey(request)
            except (OSError, ValueError, KeyError, TypeError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            try:
                connection.sendall(json.dumps(answer).encode() + b"\n")
            except OSError:
                return

    def _obey(self, request: dict[str, object]) -> dict[str, object]:
        if request["op"] == "set":
            self._set(str(request["wire"]), request)
        elif request["op"] == "add":
            self._add(WireSpec(**request["spec"]))  # type: ignore[arg-type] # JSON; a wrong one is told
        elif request["op"] == "remove":
            self._remove(str(request["wire"]))
        elif request["op"] == "watch":
            for side in self.wires[str(request["wire"])]:
                side.flows = side.flows or Flows()
        return {name: self._describe(pair) for name, pair in self.wires.items()}

    def _set(self, wire: str, request: dict[str, object]) -> None:
        known = {item.name for item in fields(Quality)}
        for side in self.wires[wire]:
            for key, value in request.items():
                if key in known:
                    setattr(side.direction.quality, key, value)
            if "carrier" in request:
                set_carrier(side.descriptor, up=bool(request["carrier"]))

    @staticmethod
    def _describe(pair: tuple[Side, Side]) -> dict[str, object]:
        quality = asdict(pair[0].direction.quality)
        counters = [
            asdict(side.direction.counters)
            | ({} if side.flows is None else {"streams": asdict(side.flows)["streams"]})
            for side in pair
        ]
        return {"quality": quality, "a_to_z": counters[0], "z_to_a": counters[1]}


def main(specification: str, control_path: str) -> None:
    """Open every TAP, then serve; the socket appears when all wires stand."""
    specs = [WireSpec(**item) for item in json.loads(Path(specification).read_text())]
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    partial = partial_of(Path(control_path))
    control.bind(str(partial))
    control.listen(8)
    loop = WireLoop(specs, control)
    netns.enter(netns.NETNS_DIRECTORY / HOME_NAMESPACE)  # so that `down` finds this process
    partial.rename(control_path)
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
