"""What the doors need, handed in by the composition root; nothing here is made by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.fleet import Fleet
from api.network import Drawings
from hatang import clock
from hatang.audit import UnauthenticatedDenials
from inventory.service import Current, load_topology

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import Database
    from hatang.drivers.protocols import HostKeys
    from hatang.jobs import JobEngine
    from hatang.settings import Settings
    from inventory.topology import Topology
    from monitors.client import MonitorClient


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The parts one api process works with.

    `engine` may only enqueue (the worker runs jobs). `monitor` asks the monitor process. The
    gates of the process (hatang.gates) are filled before `create_app` is called.
    """

    settings: Settings
    db: Database
    engine: JobEngine
    host_keys: HostKeys
    monitor: MonitorClient
    topology: Current[Topology] = field(default_factory=lambda: Current(load_topology))
    fleet: Fleet = field(default_factory=Fleet)
    drawings: Drawings = field(default_factory=Drawings)
    denials: UnauthenticatedDenials = field(default_factory=UnauthenticatedDenials)
    started_at: datetime = field(default_factory=clock.now)
