"""A province's whole inventory: 700 sites, 10,000 devices, 240,000 interfaces.

Job: import the file (plan, apply), then ask a real `hatang api` over HTTP what people and programs
ask. Beside each question stands the same list fetched from the database alone, in this process:
the ratio is what HTTP, rights and JSON cost on top.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.auth import Actor
from hatang.datadir import Places, equip_all
from hatang.db import Database
from inventory import service
from inventory.choices import ElementKind
from inventory.network import Element
from inventory.rows import Query
from lab import large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEVICES: Final = 10_000
PORTS: Final = 24
ROUNDS: Final = 30
BIN: Final = Path(sys.executable).parent
FIRST_ADDRESS: Final = IPv4Address("10.100.0.1")
SYSTEM: Final = Actor.system("bench")
QUESTIONS: Final[dict[str, tuple[str, Callable[[Any], object]]]] = {
    "100 devices": ("/devices?limit=100", lambda s: service.list_devices(s, SYSTEM)),
    "100 devices, page 50": (
        "/devices?limit=100&offset=5000",
        lambda s: service.list_devices(s, SYSTEM, Query(offset=5000)),
    ),
    "100 sites": ("/sites?limit=100", lambda s: service.list_sites(s, SYSTEM)),
    "100 circuits": ("/circuits?limit=100", lambda s: service.list_circuits(s, SYSTEM)),
    "100 cables": ("/links?limit=100", lambda s: service.list_links(s, SYSTEM)),
    "devices called xa-3": (
        "/devices?search=xa-3&limit=100",
        lambda s: service.list_devices(s, SYSTEM, Query(search="xa-3")),
    ),
    "search for hoa": ("/search?search=hoa", lambda s: service.search(s, SYSTEM, "hoa")),
    "fleet, 10,000 devices": (
        "/fleet",
        lambda s: service.list_devices(s, SYSTEM, Query(limit=None)),
    ),
    "http_sd": ("/sd/prometheus", lambda s: service.list_devices(s, SYSTEM, Query(limit=1))),
}


def run() -> list[str]:
    """Return the seconds of the import, then a line a question, then the topology's."""
    with tempfile.TemporaryDirectory() as folder:
        environ = _environ(Path(folder))
        _call(environ, "init")
        database = Database.open(f"sqlite:///{folder}/data/hatang.sqlite3")
        equip_all(database, Places.under(Path(folder, "data")))
        lines = ["inventory: 10,000 devices, 240,000 interfaces, SQLite"]
        lines += _imported(database, Path(folder))
        token = _call(environ, "token", "create", "bench", "--role", "admin", "--as", "admin")
        with _serving(environ, token.split()[-1].strip('"}')) as ask:
            lines += [_line(name, ask, database) for name in QUESTIONS]
        lines += _topology(database)
        database.dispose()
    return lines


def province() -> dict[str, Any]:
    """Return the big province, each site's switches and every device's ports filled up."""
    rows = large.describe(1)
    devices, sites = rows["devices"], [row["slug"] for row in rows["sites"]]
    for number in range(DEVICES - len(devices)):
        site = sites[number % len(sites)]
        devices.append(
            {
                "name": f"{site}-acc-{number // len(sites) + 1}",
                "site": site,
                "role": "switch",
                "platform": "cisco_ios",
                "primary_ip4": str(FIRST_ADDRESS + number),
                "interfaces": [],
            }
        )
    for device in devices:
        named = device["interfaces"]
        named += [{"name": f"port{port}"} for port in range(1, PORTS + 1 - len(named))]
    return rows


def _imported(database: Database, folder: Path) -> list[str]:
    file = folder / "province.yaml"
    file.write_text(yaml.dump(province(), Dumper=yaml.CSafeDumper, allow_unicode=True), "utf-8")
    began = time.perf_counter()
    with database.read() as session:
        plan = service.plan_import(session, SYSTEM, file)
    planned = time.perf_counter()
    with database.write() as session:
        service.apply_import(session, SYSTEM, plan, "bench")
    applied = time.perf_counter()
    with database.read() as session:
        again = service.plan_import(session, SYSTEM, file)
    assert again.is_empty
    return [
        f"  plan {planned - began:.1f} s, apply {applied - planned:.1f} s,"
        f" second plan {time.perf_counter() - applied:.1f} s"
    ]


def _environ(folder: Path) -> dict[str, str]:
    environ = {**os.environ, "HATANG_DATA_DIR": f"{folder}/data", "LC_ALL": "C.UTF-8"}
    environ |= {"HATANG_API__LISTEN__HOST": "127.0.0.1", "HATANG_API__LISTEN__PORT": "18099"}
    return environ


def _call(environ: dict[str, str], *words: str) -> str:
    answer = subprocess.run(
        (str(BIN / "hatang"), *words), env=environ, check=True, capture_output=True, text=True
    )
    return answer.stdout


@contextmanager
def _serving(environ: dict[str, str], token: str) -> Iterator[Callable[[str], bytes]]:
    """Start the api and yield a function that asks it."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(path: str) -> bytes:
        address = f"http://127.0.0.1:{environ['HATANG_API__LISTEN__PORT']}/api/v1{path}"
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        with opener.open(asked, timeout=60) as answer:
            return bytes(answer.read())

    process = subprocess.Popen((str(BIN / "hatang"), "api"), env=environ)
    try:
        _wait(ask)
        yield ask
    finally:
        process.terminate()
        process.wait(20)


def _wait(ask: Callable[[str], bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            ask("/sites?limit=1")
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def _line(name: str, ask: Callable[[str], bytes], database: Database) -> str:
    path, alone = QUESTIONS[name]

    def inside() -> None:
        with database.read() as session:
            alone(session)

    over_http = _milliseconds(lambda: ask(path))
    in_process = _milliseconds(inside)
    middle, slow = statistics.median(over_http), over_http[int(len(over_http) * 0.95)]
    ratio = middle / statistics.median(in_process)
    return f"  {name:<22} p50 {middle:6.1f} ms, p95 {slow:6.1f} ms, {ratio:.1f} × the list alone"


def _milliseconds(work: Callable[[], object]) -> list[float]:
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def _topology(database: Database) -> list[str]:
    began = time.perf_counter()
    with database.read() as session:
        topology = service.load_topology(session)
    loaded = time.perf_counter() - began
    keys = [device.key for device in topology.network.devices]
    sites = sorted({device.site for device in topology.network.devices})
    turns = iter(range(10**9))
    questions: dict[str, Callable[[], object]] = {
        "upstream": lambda: topology.upstream(keys[next(turns) * 7919 % len(keys)]),
        "path": lambda: topology.path(
            keys[next(turns) * 7919 % len(keys)], keys[next(turns) * 104_729 % len(keys)]
        ),
        "affected by a site": lambda: topology.affected(
            Element(ElementKind.SITE, sites[next(turns) % len(sites)])
        ),
    }
    lines = [f"  topology read in {loaded:.2f} s, then from memory:"]
    for name, work in questions.items():
        taken = _milliseconds(work)
        lines.append(f"  {name:<22} p50 {statistics.median(taken):6.3f} ms, max {taken[-1]:.3f} ms")
    return lines
