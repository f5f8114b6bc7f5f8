"""A province's whole inventory: 700 sites, 10,000 devices, 240,000 interfaces.

Job: import the file and the workbook (plan, apply), then ask a real `hatang api` over HTTP what
people and programs ask, on SQLite and on PostgreSQL. Beside each list stands the same list fetched
from the database alone, in this process: the ratio is what HTTP, rights and JSON cost on top.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert

from bench.inventory import topology
from bench.inventory.drawn import written
from bench.inventory.figures import Watch, judged, middle, milliseconds, p95
from bench.inventory.serving import call, environ, serving
from hatang import clock
from hatang.auth import Actor
from hatang.datadir import Places, equip_all
from hatang.db import Database
from inventory import service
from inventory.rows import Query
from monitors.models import ElementRow
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLAN_SECONDS: Final = 20
APPLY_SECONDS: Final = 30
SYSTEM: Final = Actor.system("bench")


class Question:
    """What is asked over HTTP, the goal in milliseconds at p95, and the same list alone."""

    def __init__(
        self, path: str, goal: float | None, alone: Callable[[Any], object] | None = None
    ) -> None:
        self.path, self.goal, self.alone = path, goal, alone


LIST: Final = 50
QUESTIONS: Final[dict[str, Question]] = {
    "100 devices": Question(
        "/api/v1/devices?limit=100", LIST, lambda s: service.list_devices(s, SYSTEM)
    ),
    "100 devices, page 50": Question(
        "/api/v1/devices?limit=100&offset=5000",
        LIST,
        lambda s: service.list_devices(s, SYSTEM, Query(offset=5000)),
    ),
    "100 sites": Question("/api/v1/sites?limit=100", LIST, lambda s: service.list_sites(s, SYSTEM)),
    "100 circuits": Question(
        "/api/v1/circuits?limit=100", LIST, lambda s: service.list_circuits(s, SYSTEM)
    ),
    "100 cables": Question(
        "/api/v1/links?limit=100", LIST, lambda s: service.list_links(s, SYSTEM)
    ),
    "devices called xa-3": Question(
        "/api/v1/devices?search=xa-3&limit=100",
        LIST,
        lambda s: service.list_devices(s, SYSTEM, Query(search="xa-3")),
    ),
    "search for hoa": Question(
        "/api/v1/search?search=hoa", LIST, lambda s: service.search(s, SYSTEM, "hoa")
    ),
    "search for xa-3": Question(
        "/api/v1/search?search=xa-3", LIST, lambda s: service.search(s, SYSTEM, "xa-3")
    ),
    "http_sd": Question("/api/v1/sd/prometheus", 200),
    "fleet, 10,000 devices": Question("/api/v1/fleet", None),
    "network, the page": Question("/network", None),
    "network, the drawing": Question("/network/drawing", None),
    "devices of one site": Question("/sites/dc", None),
}


def run() -> Iterator[str]:
    """Yield the figures of SQLite, and those of PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder))
        yield from _measured("SQLite", Path(folder, "sqlite"), file, None)
        if not postgres.installed():
            yield f"inventory, PostgreSQL: left out. {postgres.MISSING}"
            return
        with postgres.running() as cluster:
            made = Path(folder, "postgresql")
            yield from _measured("PostgreSQL 15", made, file, cluster.create)


def _measured(
    name: str, folder: Path, file: Path, create: Callable[[], str] | None
) -> Iterator[str]:
    yield f"inventory: 10,000 devices, 240,000 interfaces, {name}"
    with _database(folder / "one", create) as (database, around):
        yield from _imported(database, file, "YAML")
        book = file.with_suffix(".xlsx")
        if not book.exists():
            yield _exported(database, book)
        _poll_all(database)
        with serving(around) as api:
            for one in QUESTIONS:
                yield _line(one, api.ask, database)
        yield from topology.lines(database)
    with _database(folder / "two", create) as (database, _):
        yield from _imported(database, book, "XLSX")


def _poll_all(database: Database) -> None:
    """Write a state for every device, as a monitor would that has polled them all."""
    with database.write() as session:
        keys = [key for key, *_ in service.device_sites(session, SYSTEM)]
        states = {"kind": "device", "name": "", "monitor": "bench", "state": "good"}
        known = {**states, "cause": "answered", "since": clock.now(), "scope_id": None}
        session.execute(
            insert(ElementRow),
            [{"element": f"device:{key}", "owner": key, **known} for key in keys],
        )


@contextmanager
def _database(
    folder: Path, create: Callable[[], str] | None
) -> Iterator[tuple[Database, dict[str, str]]]:
    folder.mkdir(parents=True)
    url = None if create is None else create()
    around = environ(folder, url)
    call(around, "init")
    database = Database.open(url or f"sqlite:///{folder}/data/hatang.sqlite3")
    equip_all(database, Places.under(folder / "data"))
    try:
        yield database, around
    finally:
        database.dispose()


def _exported(database: Database, book: Path) -> str:
    watch = Watch()
    with database.read() as session:
        book.write_bytes(service.export_workbook(session, SYSTEM, "vi"))
    size = book.stat().st_size / 1_000_000
    return f"  workbook of {size:.0f} MB written in {watch}"


def _imported(database: Database, file: Path, form: str) -> Iterator[str]:
    watch = Watch()
    with database.read() as session:
        plan = service.plan_import(session, SYSTEM, file)
    yield judged(f"{form}: plan {watch}", watch.seconds, PLAN_SECONDS, "s")
    watch = Watch()
    with database.write() as session:
        service.apply_import(session, SYSTEM, plan, "bench")
    yield judged(f"{form}: apply {watch}", watch.seconds, APPLY_SECONDS, "s")
    watch = Watch()
    with database.read() as session:
        again = service.plan_import(session, SYSTEM, file)
    yield judged(f"{form}: second plan, empty, {watch}", watch.seconds, PLAN_SECONDS, "s")
    assert again.is_empty


def _line(name: str, ask: Callable[[str], bytes], database: Database) -> str:
    question = QUESTIONS[name]
    taken = milliseconds(lambda: ask(question.path))
    told = f"{name:<22} p50 {middle(taken):6.1f} ms, p95 {p95(taken):6.1f} ms"
    if question.alone is not None:
        alone = question.alone

        def inside() -> None:
            with database.read() as session:
                alone(session)

        told += f", {middle(taken) / middle(milliseconds(inside)):.1f} × the list alone"
    return judged(told, p95(taken), question.goal, "ms")
