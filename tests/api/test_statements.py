"""No answer asks the database row by row: as many statements for three times the rows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import event
from starlette.routing import Route

from api.app import REST, WEB
from api.context import ApiContext
from hatang import clock
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from inventory.inbox import service as inbox
from inventory.kinds.registry import KINDS
from inventory.rows import EVERYTHING
from monitors.client import MonitorClient
from monitors.models import HeartbeatRow
from tests.api import growing, province
from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from tests.api.conftest import Seed

pytestmark = pytest.mark.slow

FEW: Final = 6
"""More than a search shows of a kind: only a full page asks how many there are."""
MOST: Final = 90
"""The most statements any answer takes: /inventory counts each kind, and what is covered."""
EXAMPLES: Final = {
    "/ansible/hosts/{name}": "/ansible/hosts/hub-1",
    "/changes/{number}": None,
    "/changes/{number}/lines": None,
    "/changes/{number}/live": None,
    "/circuits/{cid:path}": "/circuits/more-0",
    "/conference/bridges/{code}/status": None,
    "/endpoints/{code}/status": None,
    "/devices/{name}": "/devices/hub-1",
    "/devices/{name}/host-keys": "/devices/hub-1/host-keys",
    "/devices/{name}/interfaces": "/devices/hub-1/interfaces",
    "/devices/{name}/scans": "/devices/hub-1/scans",
    "/devices/{name}/status": "/devices/hub-1/status",
    "/findings/devices/{name:path}": "/findings/devices/hub-1",
    "/findings/questions/{question}/{subject:path}": "/findings/questions/POL-01/owner",
    "/handovers/{number}": None,
    "/incidents/{number}": "/incidents/1",
    "/incidents/{number}/calls": "/incidents/1/calls",
    "/incidents/{number}/sites": "/incidents/1/sites",
    "/incidents/{number}/timeline": "/incidents/1/timeline",
    "/inbox/{number}": "/inbox/1",
    "/inventory/{section}": "/inventory/redundancy_groups",
    "/inventory/{section}/{key:path}": "/inventory/sites/dc",
    "/inventory/circuits/{key:path}": "/inventory/circuits/more-0",
    "/inventory/devices/{key:path}": "/inventory/devices/hub-1",
    "/inventory/services/{key:path}": "/inventory/services/portal",
    "/inventory/sites/{key:path}": "/inventory/sites/dc",
    "/topology/affected/{kind}/{key:path}": "/topology/affected/device/hub-1",
    "/topology/upstream/{device}": "/topology/upstream/hub-1",
    "/language/{code}": "/language/vi",
    "/meetings/{uid:path}": f"/meetings/{province.MEETING}",
    "/meetings/{uid:path}/live": f"/meetings/{province.MEETING}/live",
    "/meetings/{uid:path}/minutes": f"/meetings/{province.MEETING}/minutes",
    "/meetings/{uid:path}/minutes.{form}": f"/meetings/{province.MEETING}/minutes.xlsx",
    "/meetings/{uid:path}/points/{room}": f"/meetings/{province.MEETING}/points/room-01",
    "/meetings/{uid:path}/points/{room}/windows": (
        f"/meetings/{province.MEETING}/points/room-01/windows"
    ),
    "/meetings/{uid:path}/readiness": f"/meetings/{province.MEETING}/readiness",
    "/meetings/{uid:path}/waivers": f"/meetings/{province.MEETING}/waivers",
    "/runbooks/{name}": "/runbooks/DeviceUnreachable",
    "/services/{code:path}": "/services/portal",
    "/services/{code}/status": "/services/portal/status",
    "/sites/as-of/{on}": "/sites/as-of/2026-11-01",
    "/sites/{slug}": "/sites/dc",
    "/sites/{slug}/route": "/sites/hub-1/route",
    "/sites/{slug}/status": "/sites/dc/status",
    "/units/as-of/{on}": "/units/as-of/2026-11-01",
    "/vault/devices/{name:path}": "/vault/devices/hub-1",
    "/drift/devices/{name:path}": "/drift/devices/hub-1",
    "/drift/devices/{name}": "/drift/devices/hub-1",
}
QUERIES: Final = {
    "/exports/dossier": "?service=portal",
    "/inventory/dossier": "?service=portal",
    "/reports/credit": f"?carrier=more-carrier&month={clock.now():%Y-%m}",
    "/reports/credit/file": f"?carrier=more-carrier&form=xlsx&month={clock.now():%Y-%m}",
    "/reports/times": "?since=2020-01-01&until=2100-01-01",
    "/topology/path": "?a=hub-1",
    "/search": "?search=more",
    "/units/found": "?text=more",
}
ENDLESS: Final = frozenset({"/events"})
"""Streams: they answer as long as somebody listens."""
NEEDS_MORE: Final = "{"


@dataclass(frozen=True)
class Grown:
    """A province's parts, and the statements its database was asked."""

    context: ApiContext
    asked: list[str]


Grow = Callable[[int], Grown]


def addresses(routers: tuple[object, ...], prefix: str) -> list[str]:
    """Return an address for each GET of `routers`, those without an example left as they are."""
    found = []
    for router in routers:
        for route in router.routes:  # type: ignore[attr-defined]
            if not isinstance(route, Route) or "GET" not in (route.methods or ()):
                continue
            path = EXAMPLES.get(route.path) or route.path
            if route.path not in ENDLESS:
                found.append(f"{prefix}{path}{QUERIES.get(route.path, '')}")
    return sorted(set(found))


def answerable(routers: tuple[object, ...], prefix: str) -> list[str]:
    return [one for one in addresses(routers, prefix) if NEEDS_MORE not in one]


@pytest.fixture(scope="module")
def grown(seed: Seed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Grown]]:
    """Two provinces, one with three times as much as the other."""
    made = {count: _grown(seed, tmp_path_factory, count) for count in (FEW, 3 * FEW)}
    yield made
    for one in made.values():
        one.context.db.dispose()


def _grown(seed: Seed, factory: pytest.TempPathFactory, count: int) -> Grown:
    folder = factory.mktemp(f"grown{count}") / "data"
    shutil.copytree(seed.directory, folder)
    database = Database.open(f"sqlite:///{folder / 'hatang.sqlite3'}")
    equip_all(database, Places.under(folder))
    with database.write() as session:
        growing.grow(session, count)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    settings = Settings(data_dir=folder, language="en")
    engine = MemoryEngine(database, settings, run_at_once=False)
    keys, monitor = StoredHostKeys(database), MonitorClient(settings.monitors_socket)
    return Grown(ApiContext(settings, database, engine, keys, monitor), asked)


def _alive(one: Grown) -> None:
    with one.context.db.write() as session:
        session.get_one(HeartbeatRow, "monitor-0").at = clock.now()


def _statements(client: TestClient, one: Grown, address: str, headers: dict[str, str]) -> int:
    """Return how many statements the second answer takes, the topology being known by then.

    The clock stands still, or on a slow machine the token is marked as used between the two.
    """
    with clock.frozen(clock.now()):
        client.get(address, headers=headers)
        one.asked.clear()
        answer = client.get(address, headers=headers)
    assert answer.status_code in (200, 204, 303, 304), (address, answer.status_code, answer.text)
    return len(one.asked)


@pytest.mark.parametrize("address", answerable(REST, "/api/v1"))
def test_a_program_is_answered_in_as_many_statements_whatever_there_is(
    address: str, grown: dict[int, Grown], shared_app: FastAPI, seed: Seed, client: TestClient
) -> None:
    people, counts = seed.people, []
    who = people.auditor if "audit" in address else people.admin
    for one in grown.values():
        shared_app.state.context = one.context
        _alive(one)
        counts.append(_statements(client, one, address, who.headers))
    assert counts[0] == counts[1] <= MOST


@pytest.mark.parametrize("address", answerable(WEB, ""))
def test_a_page_is_shown_in_as_many_statements_whatever_there_is(
    address: str, grown: dict[int, Grown], shared_app: FastAPI, seed: Seed
) -> None:
    counts = []
    for one in grown.values():
        shared_app.state.context = one.context
        _alive(one)
        browser, _ = signed_in(shared_app, one.context.db, seed.people.admin, second_factor=True)
        counts.append(_statements(browser, one, address, {}))
    assert counts[0] == counts[1] <= MOST


def test_every_answer_that_takes_a_name_has_an_example_or_needs_more_than_a_province() -> None:
    left = {one for one in addresses((*REST, *WEB), "") if NEEDS_MORE in one}
    assert left <= {
        "/changes/{number}",
        "/changes/{number}/lines",
        "/changes/{number}/live",
        "/bridges/{code}/status",
        "/endpoints/{code}/status",
        "/discovery/runs/{number}",
        "/import/{token}",
        "/findings/report.{form}",
        "/findings/audit-report.{form}",
        "/findings/sheets/{year}/sheet.{form}",
        "/graphs/{kind}/{graph}",
        "/history/{kind}",
        "/imports/{number}",
        "/imports/{number}/undo",
        "/inventory/import/{token}",
        "/inventory/imports/{number}",
        "/inventory/imports/{number}/undo",
        "/jobs/{key:path}",
        "/handovers/{number}",
        "/maintenances/series/{number}",
        "/maintenances/{number}",
        "/meetings/{uid:path}/report.{form}",
        "/findings/evidence/{number}",
        "/reorganisations/plan/{token}",
        "/reports/carriers/credit.{form}",
        "/reorganisations/{number}",
        "/runs/{number}",
        "/runs/{number}/events",
        "/runs/{number}/live",
        "/schedules/{number}",
        "/schedules/{number}/occurrences",
        "/vault/versions/{number}",
        "/vault/versions/{number}/difference",
        "/vault/{device}",
        "/where/{address}",
        *(f"/inventory/{kind.section}/{{key:path}}" for kind in KINDS.values()),
    }


def test_deciding_reads_the_inbox_in_as_many_statements_whatever_is_chosen(
    grown: dict[int, Grown], seed: Seed
) -> None:
    counts = []
    for one in grown.values():
        engineer = province.actor_of(one.context.db, seed.people.engineer)
        today = clock.now().date()
        with one.context.db.write() as session:
            rows = inbox.list_deviations(session, engineer, EVERYTHING, today=today).items
            one.asked.clear()
            shown = {row.id: row.digest for row in rows}
            tomorrow = today + timedelta(days=1)
            inbox.ignore(session, engineer, shown, tomorrow, "for the test", today=today)
            reads = [statement for statement in one.asked if statement.startswith("SELECT")]
            counts.append(len(reads))
            session.rollback()
    assert counts[0] == counts[1]
