"""What it costs to hear 1,000 participants: three bridges asked, windows written, series shown.

Job: meetings run on three bridges; every 20 s each is asked who is in it and how they are heard.
The bridges are *simulated* by one process on loopback, each by its own API: Janus, Cisco, Pexip.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from conference import series, service
from conference.bridges.protocol import BridgeAccess
from conference.quality import WINDOW_SECONDS
from conference.service.attendance import observe
from conference.service.bridges import people_of
from conference.service.places import placed
from hatang import clock
from hatang.auth import Actor, Role
from hatang.datadir import Places, equip_all, prepare
from hatang.db import Database
from inventory import service as inventory
from inventory.models import Bridge

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE: Final = 1000
DRIVERS: Final = ("janus", "cms", "pexip")
WINDOWS: Final = 5
GOAL: Final = 0.1
"""Of a core."""
# Each answers as its documentation says, with as many people as the argument tells.
_BRIDGES: Final = """
import asyncio, json, sys
count = int(sys.argv[1])
people = {kind: ["room-%s-%d" % (kind, n) for n in range(count)]
          for kind in ("janus", "cms", "pexip")}
turn = {"n": 0}

def janus(path, body):
    asked = json.loads(body)["janus"]
    if asked == "list_sessions":
        turn["n"] += 1
        return {"janus": "success", "sessions": list(range(1, count + 1))}
    if asked == "list_handles":
        return {"janus": "success", "handles": [1, 2]}
    session, handle = (int(part) for part in path.split("/")[2:4])
    media = {"rtcp": {"main": {"rtt": 9, "lost": 3 * turn["n"], "jitter-local": 4,
             "lost-by-remote": 2 * turn["n"], "jitter-remote": 4}},
             "direction": {"send": handle == 2, "recv": handle == 1},
             "stats": {"in": {"packets": 990 * turn["n"], "bytes_lastsec": 96000},
                       "out": {"packets": 990 * turn["n"], "bytes_lastsec": 96000}}}
    plugin = {"type": "publisher", "room": 1, "id": session,
              "display": people["janus"][session - 1]} if handle == 1 else {"type": "subscriber"}
    return {"janus": "success", "info": {"session_id": session, "plugin_specific": plugin,
            "webrtc": {"media": {"0": {"type": "audio", **media},
                                 "1": {"type": "video", **media}}}}}

def cms(path, query):
    if path.endswith("/callLegs"):
        first = int(query.get("offset", 0))
        ids = range(first, min(count, first + int(query.get("limit", 20))))
        legs = "".join('<callLeg id="%d"/>' % n for n in ids)
        return '<callLegs total="%d">%s</callLegs>' % (count, legs)
    number = int(path.rsplit("/", 1)[1])
    way = ("<packetLossPercentage>0.3</packetLossPercentage><jitter>3</jitter>"
           "<bitRate>768000</bitRate>")
    status = "".join("<%s>%s</%s>" % (n, way, n)
                     for n in ("rxAudio", "rxVideo", "txAudio", "txVideo"))
    return '<callLeg id="%d"><name>%s</name><status>%s</status></callLeg>' % (
        number, people["cms"][number], status)

def pexip(path, query):
    if path.endswith("/media_stream/"):
        way = {"rx_packet_loss": 0.3, "tx_packet_loss": 0.1, "rx_jitter": 3, "tx_jitter": 2,
               "rx_bitrate": 768, "tx_bitrate": 768}
        return {"meta": {"next": None}, "objects": [{"type": "audio", **way},
                                                    {"type": "video", **way}]}
    first = int(query.get("offset", 0))
    page = people["pexip"][first:first + int(query.get("limit", 20))]
    more = "x" if first + len(page) < count else None
    return {"meta": {"next": more}, "objects": [
        {"id": name, "conference": "c", "display_name": name} for name in page]}

async def serve(reader, writer):
    while head := await reader.readuntil(b"\\r\\n\\r\\n"):
        lines = head.decode().split("\\r\\n")
        path, _, words = lines[0].split(" ")[1].partition("?")
        query = dict(word.split("=") for word in words.split("&") if word)
        length = next((int(line.split(":")[1]) for line in lines
                       if line.lower().startswith("content-length")), 0)
        body = await reader.readexactly(length) if length else b""
        if path.startswith("/admin"):
            told = json.dumps(janus(path, body))
        elif path.startswith("/api/v1"):
            told = cms(path, query)
        else:
            told = json.dumps(pexip(path, query))
        data = told.encode()
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(data) + data)

async def main():
    async def safe(reader, writer):
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
    server = await asyncio.start_server(safe, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def run() -> Iterator[str]:
    """Yield a line: our CPU seconds a window, as a share of a core."""
    each = PEOPLE // len(DRIVERS) + 1
    words = [sys.executable, "-c", _BRIDGES, str(each)]
    with tempfile.TemporaryDirectory() as folder:
        bridges = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert bridges.stdout is not None
        try:
            url = f"http://127.0.0.1:{int(bridges.stdout.readline())}"
            database = Database.open(f"sqlite:///{Path(folder, 'hatang.sqlite3')}")
            database.migrate()
            prepare(Places.under(Path(folder, "data")))
            equip_all(database, Places.under(Path(folder, "data")))
            try:
                yield _line(database, url, each)
            finally:
                database.dispose()
        finally:
            bridges.kill()
            bridges.wait()


def _line(database: Database, url: str, each: int) -> str:
    admin = Actor(1, "admin", frozenset({Role.ADMIN}), None)
    with clock.frozen(datetime.now(UTC)) as hand:
        _prepare(database, admin, url, each)
        asked, written, shown = [], [], []
        for _ in range(WINDOWS):
            hand.advance(WINDOW_SECONDS)
            people = []
            begun = time.process_time()
            for driver in DRIVERS:
                access = BridgeAccess(driver, url, url, "secret", None, "u")
                ways = service.Ways(lab=True)
                people.append(asyncio.run(people_of(driver, access, ways=ways)))
            asked.append(time.process_time() - begun)
            begun = time.process_time()
            for driver, found in zip(DRIVERS, people, strict=True):
                with database.read() as session:
                    number = session.scalars(select(Bridge.id).where(Bridge.code == driver)).one()
                    places = placed(session, number, found, clock.now())
                with database.write() as session:
                    observe(session, number, found, clock.now(), places)
            written.append(time.process_time() - begun)
            begun = time.process_time()
            with database.read() as session:
                series.update(session, DRIVERS)
            shown.append(time.process_time() - begun)
    # The first window has everybody join, which happens once a meeting.
    parts = [min(one[1:]) for one in (asked, written, shown)]
    share = sum(parts) / WINDOW_SECONDS
    word = "met" if share < GOAL else "MISSED"
    heard = len(DRIVERS) * each
    return (
        f"conference: {heard} simulated participants live from {len(DRIVERS)} bridges:"
        f" {share:.1%} of a core (a window: asked {parts[0]:.2f}, written {parts[1]:.2f},"
        f" shown {parts[2]:.2f} s CPU); goal < {GOAL:.0%}: {word}"
    )


def _prepare(database: Database, admin: Actor, url: str, each: int) -> None:
    codes = {driver: [f"room-{driver}-{n}" for n in range(each)] for driver in DRIVERS}
    rows = [
        "version: 1",
        'units: [{code: tinh, name: "Tỉnh", kind: province}]',
        'sites: [{slug: dc, name: "Trung tâm dữ liệu", unit: tinh, kind: datacentre}]',
        "devices: [{name: mcu, site: dc, role: server, platform: linux, primary_ip4: 10.9.0.1}]",
        "rooms:",
        *(f'  - {{code: {c}, name: "{c}", site: dc}}' for some in codes.values() for c in some),
        "bridges:",
        *(f'  - {{code: {d}, name: {d}, driver: {d}, device: mcu, url: "{url}"}}' for d in DRIVERS),
    ]
    with database.write() as session:
        plan = inventory.plan_import(session, admin, "\n".join(rows), filename="bench.yaml")
        inventory.apply_import(session, admin, plan, "bench")
        for driver in DRIVERS:
            points = [service.PointInput(code) for code in codes[driver]]
            times = clock.now(), clock.now() + timedelta(hours=2)
            wanted = service.MeetingInput(driver, driver, *times, driver, points)
            service.put_meeting(session, admin, wanted)
