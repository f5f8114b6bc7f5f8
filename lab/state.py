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


def of_root() -> Path:
    """Return where the running lab in namespaces keeps its state, else where it would."""
    try:
        return Path(POINTER.read_text())
    except OSError:
        return DEFAULT_STATE


def of_user() -> Path:
    """Return where a person's own lab keeps its state (XDG Base Directory, `XDG_STATE_HOME`)."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local/state"
    return base / "hatang-lab"


@dataclass(frozen=True)
class NodeFacts:
    """What other programs may know of a running node.

    `started` (clock ticks since boot) tells whether `pid` is still the same process; only the lab
    without root, which has no namespaces to be known by, needs it.
    """

    kind: str
    role: str
    pid: int
    mgmt_ip: str
    netns: str
    loopback: str
    started: int = 0


@dataclass(frozen=True)
class LinkFacts:
    """What other programs may know of a link; ends are `node:port`."""

    name: str
    a: str
    b: str
    wire: bool


@dataclass(frozen=True)
class Impaired:
    """What an impaired cable suffers, and by what means: `netem` or `wire`."""

    means: str
    quality: dict[str, float]


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
    impaired: dict[str, Impaired] = field(default_factory=dict)

    @property
    def loopback(self) -> bool:
        """Whether this is the lab without root."""
        return parse_prefix(self.prefix).is_loopback

    def province(self) -> Province:
        """Draw again what this state was made from."""
        drawn = drawing.draw_size(parse_prefix(self.prefix), self.seed, self.size)
        return drawing.only_switches(drawn) if self.loopback else drawn


def save(state: LabState, directory: Path) -> None:
    """Replace lab.json in one step."""
    partial = directory / "lab.json.partial"
    partial.write_text(json.dumps(asdict(state), indent=1, ensure_ascii=False) + "\n")
    partial.rename(directory / "lab.json")


def load(directory: Path) -> LabState:
    """Read lab.json.

    Raises:
        LabError: the lab is not up, or is another user's.
    """
    try:
        raw = json.loads((directory / "lab.json").read_text())
    except FileNotFoundError:
        raise LabError("The lab is not up; start it with: hatang-lab up") from None
    except PermissionError:
        raise LabError(f"The lab with its state in {directory} is another user's.") from None
    raw["nodes"] = {name: NodeFacts(**facts) for name, facts in raw["nodes"].items()}
    raw["links"] = [LinkFacts(**facts) for facts in raw["links"]]
    impaired = raw.get("impaired", {})
    raw["impaired"] = {name: Impaired(**facts) for name, facts in impaired.items()}
    return LabState(**raw)


def locate(option: Path | None) -> Path:
    """Return the state directory: the option, else the running lab's, else the default.

    An ordinary user's own lab, never the one of root, where we are not root.
    """
    if option is not None:
        return option.resolve()
    return of_root() if os.geteuid() == 0 else of_user()


@contextmanager
def locked() -> Iterator[None]:
    """Let one command change the lab at a time.

    Raises:
        LabError: another one is at work, or we are not root.
    """
    if os.geteuid() != 0:
        raise LabError("The lab makes network namespaces and needs root; run it with sudo.")
    RUN_DIRECTORY.mkdir(mode=0o755, exist_ok=True)
    with alone(RUN_DIRECTORY / "lock"):
        yield


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold a lock on a directory, or on a file that is made for it.

    Raises:
        LabError: another command holds it.
    """
    made = 0 if place.is_dir() else os.O_CREAT
    lock = os.open(place, os.O_RDONLY | os.O_CLOEXEC | made, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("Another hatang-lab command is changing the lab; wait for it.") from None
        yield
    finally:
        os.close(lock)
