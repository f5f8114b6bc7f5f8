"""One step of correlation at a province's size: quiet, its core gone, and a storm of alerts.

Job: the worker steps each second; 700 sites, 10,000 devices, 24 ports each. CPU seconds of this
process, on SQLite. The live looks answer at once, so what they wait for is not in here.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, insert, select, update

from alerts.choices import AlertState, Impact
from alerts.correlation import Policy
from alerts.graph import Health
from alerts.models import Alert, Incident, IncidentEffect
from alerts.step import StepOptions, step
from alerts.topology import InventoryView
from hatang import clock
from hatang.db import Database
from inventory.network import DeviceNode, LinkEdge, Network, SiteNode
from inventory.topology import Topology
from monitors.models import ElementRow, HeartbeatRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from sqlalchemy import Select

    from hatang.clock import Hand

HUBS: Final = 20
COMMUNES: Final = 34
BEHIND: Final = 14
PORTS: Final = 24
GOAL: Final = 1.0
OPTIONS: Final = StepOptions("bench", Policy(unheard=timedelta(seconds=36)))
QUIET_STEPS: Final = 5
_EFFECTS: Final = select(IncidentEffect.element).where(IncidentEffect.impact == Impact.DOWN)


def run() -> list[str]:
    """Return a line for a quiet step, one for the outage of everything behind the cores, and one
    for as many alerts as there are devices, each standing for itself.
    """
    return [line for lines in (_Storm.lines, _Storm.alone) for line in _of(lines)]


def _of(lines: Callable[[_Storm], Iterator[str]]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, clock.frozen(datetime.now(UTC)) as hand:
        database = Database.open(f"sqlite:///{Path(folder, 'hatang.sqlite3')}")
        database.migrate()
        try:
            return list(lines(_Storm(database, hand)))
        finally:
            database.dispose()


class _Storm:
    """A province whose monitors write what they see into `database`."""

    def __init__(self, database: Database, hand: Hand) -> None:
        self._database = database
        self._hand = hand
        network = _network()
        self._devices = [each.key for each in network.devices]
        self._view = InventoryView(Topology(network), {}, {})
        self._dead: frozenset[str] = frozenset()
        rows = [row for key in self._devices for row in _rows(key, clock.now())]
        with database.write() as session:
            session.execute(insert(ElementRow), rows)

    def lines(self) -> Iterator[str]:
        self._step(60)
        quiet = min(self._step(1) for _ in range(QUIET_STEPS))
        size = f"{len(self._devices)} devices, {len(self._devices) * PORTS} ports"
        yield f"alerts: a quiet step over {size}: {quiet:.2f} s CPU"
        self._dead = frozenset(f"device:{key}" for key in self._devices)
        self._lose("core1", "core2")
        begun, worst = clock.now(), 0.0
        while not self._count(select(Incident.id)):
            worst = max(worst, self._step(1))
        waited = (clock.now() - begun).total_seconds()
        hit = self._count(_EFFECTS)
        found = self._count(select(Incident.id))
        word = "met" if worst < GOAL else "MISSED"
        yield (
            f"alerts: both cores dead: {found} incidents name {hit} elements after {waited:g} s,"
            f" dearest step {worst:.2f} s CPU; goal < {GOAL:g} s: {word}"
        )

    def alone(self) -> Iterator[str]:
        self._step(60)
        row: dict[str, Any] = {
            "sender": "bench",
            "annotations": {},
            "element": None,
            "generator_url": "",
        }
        row |= {"state": AlertState.FIRING, "ends_at": clock.now() + timedelta(hours=1)}
        row |= dict.fromkeys(("since", "starts_at", "received_at"), clock.now())
        rows = [
            row | {"fingerprint": f"{number:016x}", "labels": _labels(number)}
            for number in range(len(self._devices))
        ]
        with self._database.write() as session:
            session.execute(insert(Alert), rows)
        begun, worst = clock.now(), 0.0
        while self._count(select(Incident.id)) < len(rows):
            worst = max(worst, self._step(1))
        waited = (clock.now() - begun).total_seconds()
        word = "met" if worst < GOAL else "MISSED"
        yield (
            f"alerts: {len(rows)} alerts that stand for themselves: all are incidents after"
            f" {waited:g} s, dearest step {worst:.2f} s CPU; goal < {GOAL:g} s: {word}"
        )

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        return {each: Health.BAD if each in self._dead else Health.GOOD for each in elements}

    def _step(self, seconds: float) -> float:
        self._hand.advance(seconds)
        with self._database.write() as session:
            session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))
        begun = time.process_time()
        step(self._database, lambda _session: self._view, self, OPTIONS)
        return time.process_time() - begun

    def _lose(self, *devices: str) -> None:
        wanted = ElementRow.element.in_([f"device:{key}" for key in devices])
        with self._database.write() as session:
            change = update(ElementRow).where(wanted)
            session.execute(change.values(state="bad", cause="timeout", since=clock.now()))

    def _count(self, rows: Select[Any]) -> int:
        with self._database.read() as session:
            return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _labels(number: int) -> dict[str, str]:
    return {"alertname": "InterfaceErrors", "instance": f"d{number}", "severity": "warning"}


def _network() -> Network:
    devices = [DeviceNode("core1", "dc", is_root=True), DeviceNode("core2", "dc", is_root=True)]
    links, sites = [LinkEdge("core1-core2", "core1", "core2")], [SiteNode("dc")]
    for number in range(HUBS):
        hub = f"hub{number}"
        devices.append(DeviceNode(hub, hub))
        sites.append(SiteNode(hub))
        links += [LinkEdge(f"{core}-{hub}", core, hub) for core in ("core1", "core2")]
        for commune in range(COMMUNES):
            router = f"xa{number}-{commune}"
            devices.append(DeviceNode(router, router))
            sites.append(SiteNode(router))
            links.append(LinkEdge(f"{hub}-{router}", hub, router))
            for each in range(BEHIND):
                devices.append(DeviceNode(f"{router}-{each}", router))
                links.append(LinkEdge(f"{router}-{each}", router, f"{router}-{each}"))
    return Network(devices=tuple(devices), links=tuple(links), sites=tuple(sites))


def _rows(device: str, moment: datetime) -> Iterator[dict[str, object]]:
    shared = {"owner": device, "monitor": "m", "scope_id": None, "since": moment}
    shared |= {"state": "good", "cause": "answered", "name": ""}
    yield {"element": f"device:{device}", "kind": "device", **shared}
    for port in range(PORTS):
        yield {"element": f"interface:{device}:eth{port}", "kind": "interface", **shared}
