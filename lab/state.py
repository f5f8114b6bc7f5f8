"""Where the lab keeps what it knows about itself, and the lock that lets one command change it."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab import province as drawing
from lab.address import parse_prefix
from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.topology import Province

DEFAULT_STATE = Path("/var/lib/hatang-lab")
RUN_DIRECTORY = Path("/run/hatang-lab")  # short: a unix socket's path ends at 107 bytes
WIRE_SOCKET = RUN_DIRECTORY / "wires.sock"
POINTER = RUN_DIRECTORY / "state"


@dataclass(frozen=True)
class NodeFacts:
    """What other programs may know of a running node."""

    kind: str
    role: str
    pid: int
    mgmt_ip: str
    netns: str
    loopback: str


@dataclass(frozen=True)
class LinkFacts:
    """What other programs may know of a link; ends are `node:port`."""

    name: str
    a: str
    b: str
    wire: bool


@dataclass
class LabState:
    """The content of lab.json."""

    prefix: str
    seed: int
    size: str
    tree: str
    host_interface: str
    host_ip: str
    ready: bool = False
    nodes: dict[str, NodeFacts] = field(default_factory=dict)
    links: list[LinkFacts] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def province(self) -> Province:
        """Draw again what this state was made from."""
        shape = drawing.SMALL if self.size == "small" else drawing.FULL
        return drawing.draw(parse_prefix(self.prefix), self.seed, shape)


def save(state: LabState, directory: Path) -> None:
    """Replace lab.json in one step."""
    partial = directory / "lab.json.partial"
    partial.write_text(json.dumps(asdict(state), indent=1, ensure_ascii=False) + "\n")
    partial.rename(directory / "lab.json")


def load(directory: Path) -> LabState:
    """Read lab.json.

    Raises:
        LabError: the lab is not up.
    """
    try:
        raw = json.loads((directory / "lab.json").read_text())
    except FileNotFoundError:
        raise LabError("The lab is not up; start it with: hatang-lab up") from None
    raw["nodes"] = {name: NodeFacts(**facts) for name, facts in raw["nodes"].items()}
    raw["links"] = [LinkFacts(**facts) for facts in raw["links"]]
    return LabState(**raw)


def locate(option: Path | None) -> Path:
    """Return the state directory: the option, else the running lab's, else the default."""
    if option is not None:
        return option.resolve()
    try:
        return Path(POINTER.read_text())
    except OSError:
        return DEFAULT_STATE


@contextmanager
def locked() -> Iterator[None]:
    """Let one command change the lab at a time.

    Raises:
        LabError: another one is at work, or we are not root.
    """
    if os.geteuid() != 0:
        raise LabError("The lab makes network namespaces and needs root; run it with sudo.")
    RUN_DIRECTORY.mkdir(mode=0o755, exist_ok=True)
    with (RUN_DIRECTORY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("Another hatang-lab command is changing the lab; wait for it.") from None
        yield
