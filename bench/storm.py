"""One storm, told by hatang and by a real Alertmanager alone with inhibition written by hand.

Job: a core dies with 5,000 devices behind it, and within the same poll period one device elsewhere
of itself. Polls notice each within 30 s, in the same drawn order for both; a minute later all come
back, likewise. Alertmanager runs in real time and gets each alert the second it is noticed, its
rules know every upstream by label. hatang steps each second of a simulated clock on SQLite, and its
live looks answer at once; its incidents are pages, since each is a group of its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from alerts.correlation import Policy
from alerts.graph import Health
from alerts.models import Incident
from alerts.step import StepOptions, step
from alerts.topology import InventoryView
from bench.posting import alertmanager, post, wait_for
from hatang import clock
from hatang.db import Database
from inventory.network import DeviceNode, LinkEdge, Network, SiteNode
from inventory.topology import Topology
from monitors.models import ElementRow, HeartbeatRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

HUBS: Final = 20
COMMUNES: Final = 17
BEHIND: Final = 14
PERIOD: Final = 30
DOWN: Final = 60
"""Seconds from the loss to the return."""
LONGEST: Final = 240
SEED: Final = 14
PORT: Final = 18094
OPTIONS: Final = StepOptions("bench", Policy(unheard=timedelta(seconds=PERIOD + 6)))
Times = dict[str, float]
CAUSES: Final = frozenset({"core", "alone"})
_CONFIGURATION: Final = """
route: {receiver: people, group_by: [device], group_wait: 10s, group_interval: 10s}
receivers: [{name: people, webhook_configs: [{url: "http://127.0.0.1:%d/", max_alerts: 1}]}]
inhibit_rules:
  - {source_matchers: [role="core"], target_matchers: [role=~"hub|commune|device"], equal: [core]}
  - {source_matchers: [role="hub"], target_matchers: [role=~"commune|device"], equal: [hub]}
  - {source_matchers: [role="commune"], target_matchers: [role="device"], equal: [commune]}
"""


@dataclass(slots=True)
class Told:
    """What people were told: seconds since the loss by device, and since the return."""

    fired: dict[str, list[float]] = field(default_factory=dict)
    over: dict[str, list[float]] = field(default_factory=dict)

    def line(self, name: str) -> str:
        pages = sum(map(len, self.fired.values()))
        needless = sum(len(at) for key, at in self.fired.items() if key not in CAUSES)
        missed = len(CAUSES - self.fired.keys())
        first = min((at[0] for at in self.fired.values()), default=float("nan"))
        unended = len(self.fired.keys() - self.over.keys())
        clear = max((at[-1] for at in self.over.values()), default=float("nan"))
        return (
            f"storm: {name}: {pages} pages for {len(CAUSES)} faults, {needless} of effects,"
            f" {missed} missed; the first after {first:.0f} s, the last recovery {clear:.0f} s"
            f" after the return, {unended} never told that it is over"
        )


def run() -> Iterator[str]:
    """Yield a line for each of the two; Alertmanager is left out where there is none."""
    labels = _labels()
    draw = random.Random(SEED)
    lost = {name: draw.uniform(0, PERIOD) for name in labels}
    back = {name: DOWN + draw.uniform(0, PERIOD) for name in labels}
    size = len(labels) - len(CAUSES)
    with tempfile.TemporaryDirectory() as folder:
        yield _ours(Path(folder), labels, lost, back).line(f"{size} effects, hatang (simulated)")
        theirs = _theirs(Path(folder), labels, lost, back)
    if theirs is not None:
        yield theirs.line(f"{size} effects, Alertmanager alone")


def _labels() -> dict[str, dict[str, str]]:
    """Return each device's labels: its role and everything upstream of it."""
    found = {"core": {"role": "core", "core": "core"}, "alone": {"role": "server"}}
    for hub in range(HUBS):
        above = {"core": "core", "hub": f"h{hub}"}
        found[f"h{hub}"] = {"role": "hub", **above}
        for commune in range(COMMUNES):
            name = f"h{hub}c{commune}"
            found[name] = {"role": "commune", **above, "commune": name}
            for each in range(BEHIND):
                found[f"{name}d{each}"] = {"role": "device", **above, "commune": name}
    return found


def _theirs(
    folder: Path, labels: Mapping[str, Mapping[str, str]], lost: Times, back: Times
) -> Told | None:
    command = alertmanager()
    if command is None:
        return None
    file = folder / "alertmanager.yml"
    told = Told()
    with _listening(told) as (begun, port):
        file.write_text(_CONFIGURATION % port)
        options = (f"--config.file={file}", f"--storage.path={folder}/am",
                   f"--web.listen-address=127.0.0.1:{PORT}", "--cluster.listen-address=",
                   "--log.level=error")  # fmt: skip
        with subprocess.Popen([*command, *options]) as process:
            try:
                wait_for(lambda: post(f"http://127.0.0.1:{PORT}/-/ready", None, ""))
                begun[0] = time.monotonic()
                _replay(begun[0], labels, lost, back)
                end = begun[0] + LONGEST
                while told.fired.keys() - told.over.keys() and time.monotonic() < end:
                    time.sleep(0.5)
            finally:
                process.terminate()
    return told


def _replay(
    begun: float, labels: Mapping[str, Mapping[str, str]], lost: Times, back: Times
) -> None:
    """Post what is noticed in each second, as Prometheus would."""
    started = datetime.now(UTC)
    for second in range(1, DOWN + PERIOD + 1):
        time.sleep(max(0.0, begun + second - time.monotonic()))
        changed = [
            _alert(name, labels[name], started, is_over=times is back)
            for times in (lost, back)
            for name, at in times.items()
            if second - 1 <= at < second
        ]
        if changed:
            post(f"http://127.0.0.1:{PORT}/api/v2/alerts", json.dumps(changed).encode(), "")


def _alert(
    name: str, labels: Mapping[str, str], started: datetime, *, is_over: bool
) -> dict[str, Any]:
    ends = datetime.now(UTC) if is_over else started + timedelta(hours=1)
    known = {"alertname": "DeviceUnreachable", "device": name, **labels}
    return {"labels": known, "startsAt": started.isoformat(), "endsAt": ends.isoformat()}


class _Server(ThreadingHTTPServer):
    """Takes a storm's notifications all at once, so that none is lost or told again for it."""

    request_queue_size = 4096


class _listening:  # noqa: N801 - read as a word after with
    """Counts notifications as the receiver sees them."""

    def __init__(self, told: Told) -> None:
        self._begun = [time.monotonic()]
        begun = self._begun

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                at = time.monotonic() - begun[0]
                name = body["groupLabels"]["device"]
                if body["status"] == "firing":
                    told.fired.setdefault(name, []).append(at)
                else:
                    told.over.setdefault(name, []).append(at - DOWN)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Door)

    def __enter__(self) -> tuple[list[float], int]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self._begun, self._server.server_address[1]

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _ours(folder: Path, labels: Mapping[str, Mapping[str, str]], lost: Times, back: Times) -> Told:
    told = Told()
    database = Database.open(f"sqlite:///{folder / 'hatang.sqlite3'}")
    database.migrate()
    try:
        with clock.frozen(datetime.now(UTC)) as hand:
            monitors = _Monitors(database, labels)
            begun = clock.now()
            for second in range(LONGEST):
                monitors.second = second
                monitors.notice([n for n, at in lost.items() if second - 1 <= at < second], "bad")
                monitors.notice([n for n, at in back.items() if second - 1 <= at < second], "good")
                monitors.beat()
                step(database, lambda _: monitors.view, monitors, OPTIONS)
                hand.advance(1)
        with database.read() as session:
            rows = session.execute(
                select(Incident.element, Incident.opened_at, Incident.resolved_at)
            )
            for element, opened, resolved in rows:
                name = element.partition(":")[2]
                told.fired.setdefault(name, []).append((opened - begun).total_seconds())
                if resolved is not None:
                    at = (resolved - begun).total_seconds() - DOWN
                    told.over.setdefault(name, []).append(at)
    finally:
        database.dispose()
    return told


class _Monitors:
    """Writes what polls notice; a live look sees what is true in that second."""

    def __init__(self, database: Database, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._database = database
        self.second = 0
        self.view = InventoryView(Topology(_network(labels)), {}, {})
        same: dict[str, Any] = {"kind": "device", "monitor": "m", "scope_id": None, "name": ""}
        same |= {"state": "good", "cause": "answered", "since": clock.now()}
        rows = [{"element": f"device:{name}", "owner": name, **same} for name in ("top", *labels)]
        with database.write() as session:
            session.execute(insert(ElementRow), rows)

    def notice(self, names: list[str], state: str) -> None:
        wanted = ElementRow.element.in_([f"device:{name}" for name in names])
        with self._database.write() as session:
            change = update(ElementRow).where(wanted)
            session.execute(change.values(state=state, cause="timeout", since=clock.now()))

    def beat(self) -> None:
        with self._database.write() as session:
            session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        is_down = self.second < DOWN
        return {
            each: Health.BAD if is_down and each != "device:top" else Health.GOOD
            for each in elements
        }


def _network(labels: Mapping[str, Mapping[str, str]]) -> Network:
    devices = [DeviceNode("top", "top", is_root=True)]
    links, sites = [], {"top"}
    for name, of in labels.items():
        above = {"hub": of.get("core"), "commune": of.get("hub"), "device": of.get("commune")}
        devices.append(DeviceNode(name, of.get("commune", name)))
        sites.add(of.get("commune", name))
        links.append(LinkEdge(name, above.get(of["role"]) or "top", name))
    return Network(tuple(devices), tuple(links), tuple(map(SiteNode, sorted(sites))))
