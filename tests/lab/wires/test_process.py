"""Wires that come and go while the process serves, on sockets in place of TAPs."""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from lab.errors import LabError
from lab.wires import process
from lab.wires.control import ask
from lab.wires.queue import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Ports:
    """The far sides of the descriptors that stand for TAPs, by interface."""

    def __init__(self) -> None:
        self.far: dict[str, socket.socket] = {}

    def open(self, _namespace: str, interface: str, _speed: int) -> int:
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        near.setblocking(False)
        far.settimeout(5)
        self.far[interface] = far
        return near.detach()

    def is_open(self, interface: str) -> bool:
        """Whether the process still holds the other side."""
        try:
            self.far[interface].send(b"frame")
        except (ConnectionRefusedError, BrokenPipeError, ConnectionResetError):
            return False
        return True


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ports]:
    made = Ports()
    monkeypatch.setattr(process, "open_tap", made.open)
    yield made
    for far in made.far.values():
        far.close()


@pytest.fixture
def control(ports: Ports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # a unix socket's path is short
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("wires.sock")
    listener.listen(8)
    loop = process.WireLoop([], listener)
    threading.Thread(target=loop.run, daemon=True).start()
    assert ports.far == {}
    return tmp_path / "wires.sock"


def spec(name: str, **quality: float) -> dict[str, object]:
    good = asdict(Quality(**quality))  # type: ignore[arg-type] # keywords of Quality
    ends = {"a": ["a", f"{name}-a"], "z": ["z", f"{name}-z"]}
    return {"name": name, **ends, "speed_mbps": 10, "seed": "1", "quality": good}


def test_a_wire_that_is_added_carries_frames_and_counts(control: Path, ports: Ports) -> None:
    ask(control, op="add", spec=spec("one"))
    ports.far["one-a"].send(b"there")
    assert ports.far["one-z"].recv(100) == b"there"
    ports.far["one-z"].send(b"back")
    assert ports.far["one-a"].recv(100) == b"back"
    assert ask(control, op="status")["one"]["a_to_z"]["forwarded_bytes"] == len(b"there")


def test_a_second_wire_of_the_same_name_is_refused_and_the_first_stays(
    control: Path, ports: Ports
) -> None:
    ask(control, op="add", spec=spec("one"))
    with pytest.raises(LabError, match="there is a wire one"):
        ask(control, op="add", spec=spec("one"))
    ports.far["one-a"].send(b"there")
    assert ports.far["one-z"].recv(100) == b"there"


def test_a_removed_wire_lets_go_of_both_ends(control: Path, ports: Ports) -> None:
    ask(control, op="add", spec=spec("one"))
    assert ask(control, op="remove", wire="one") == {}
    assert not ports.is_open("one-a")
    assert not ports.is_open("one-z")


def test_a_frame_under_way_never_reaches_the_next_wire_with_the_number(
    control: Path, ports: Ports
) -> None:
    ask(control, op="add", spec=spec("one", delay_seconds=0.1))
    ports.far["one-a"].send(b"late")
    ask(control, op="status")
    ask(control, op="remove", wire="one")
    ask(control, op="add", spec=spec("two"))  # takes the numbers that became free
    ports.far["two-z"].settimeout(0.25)
    ports.far["two-a"].settimeout(0.25)
    for end in ("two-a", "two-z"):
        with pytest.raises(TimeoutError):
            ports.far[end].recv(100)


def test_removing_what_is_no_wire_does_no_harm(control: Path) -> None:
    assert ask(control, op="remove", wire="nowhere") == {}


def test_an_end_that_cannot_be_opened_leaves_nothing_of_the_wire(
    control: Path, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(namespace: str, interface: str, speed: int) -> int:
        if namespace == "z":
            raise OSError(1, os.strerror(1))
        return ports.open(namespace, interface, speed)

    monkeypatch.setattr(process, "open_tap", refuse)
    with pytest.raises(LabError, match="PermissionError"):
        ask(control, op="add", spec=spec("one"))
    assert not ports.is_open("one-a")
    assert json.dumps(ask(control, op="status")) == "{}"
