"""What all parts of the story share: the province, the running hatang, the receiver of pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.topology import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from lab.demo_doors import Doors
    from lab.demo_sink import Sink
    from lab.demo_stage import Running
    from lab.state import LabState

HUB = "hub-2"
REQUESTER, APPROVER, AUDITOR = "lan", "hoa", "truc"
PEOPLE = {
    REQUESTER: ("engineer", "operator"),
    APPROVER: ("approver",),
    AUDITOR: ("auditor",),
}
POLL_SECONDS = 60.0


@dataclass
class Scene:
    """`folder` is the demo's own, `place` the lab's state; `passwords` are of PEOPLE."""

    folder: Path
    place: Path
    held: LabState
    sink: Sink
    running: Running
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def doors(self) -> Doors:
        """The doors of the running hatang."""
        return self.running.doors

    def devices(self) -> list[str]:
        """Return the names of everything hatang monitors."""
        kinds = {Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS}
        return [name for name, facts in self.held.nodes.items() if facts.kind in kinds]
