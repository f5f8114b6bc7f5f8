"""The app over a fresh database with a province and three standing people."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.context import ApiContext
from hatang import clock
from hatang.auth import Role
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from monitors.client import MonitorClient
from monitors.models import HeartbeatRow
from tests.api import province
from tests.pings import unheard
from tests.seeds import sow

__all__ = ["unheard"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from hatang.db import WriteSession
    from tests.api.province import Person

BASE = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class People:
    """The standing people: the operator reaches the province, the colleague the region of
    hub-2, the outsider the region of hub-1."""

    operator: Person
    colleague: Person
    outsider: Person
    engineer: Person
    approver: Person
    auditor: Person
    admin: Person


@dataclass(frozen=True)
class Seed:
    """A data directory with a province in it, to be copied for each test."""

    directory: Path
    people: People


@pytest.fixture(scope="session")
def seed(sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """The province, its people and its states, written once a run: an import takes a while."""
    directory = tmp_path_factory.mktemp("seed") / "data"
    return Seed(directory, sow(sqlite_template, _keys, directory, _fill))


def _fill(database: Database) -> People:
    with database.write() as session:
        scopes = province.load(session)
        province.measure(session, broken=True)
        return _people(session, near=scopes["kv-song-huong"], far=scopes["kv-phuong-nam"])


def _people(session: WriteSession, near: int, far: int) -> People:
    return People(
        operator=province.person(session, "an", Role.OPERATOR),
        colleague=province.person(session, "binh", Role.OPERATOR, scope_id=near),
        outsider=province.person(session, "chi", Role.VIEWER, scope_id=far),
        engineer=province.person(session, "dung", Role.ENGINEER),
        approver=province.person(session, "giang", Role.APPROVER),
        auditor=province.person(session, "hanh", Role.AUDITOR),
        admin=province.person(session, "khanh", Role.ADMIN),
    )


@pytest.fixture
def data_dir(tmp_path: Path, seed: Seed) -> Path:
    """A data directory with the province in it."""
    shutil.copytree(seed.directory, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def sqlite_database(data_dir: Path) -> Iterator[Database]:
    """The province's database, its monitor heard a moment ago."""
    database = Database.open(f"sqlite:///{data_dir / 'hatang.sqlite3'}")
    equip_all(database, Places.under(data_dir))
    with database.write() as session:
        session.get_one(HeartbeatRow, "monitor-0").at = clock.now()
    yield database
    database.dispose()


@pytest.fixture
def people(seed: Seed, sqlite_database: Database) -> People:
    """Everybody, each with a token."""
    assert sqlite_database.is_sqlite
    return seed.people


@pytest.fixture
def context(sqlite_database: Database, data_dir: Path) -> ApiContext:
    """The parts of an api process whose monitor is not running."""
    settings = Settings(data_dir=data_dir, language="en")
    return ApiContext(
        settings,
        sqlite_database,
        MemoryEngine(sqlite_database, settings, run_at_once=False),
        StoredHostKeys(sqlite_database),
        MonitorClient(settings.monitors_socket),
    )


@pytest.fixture(scope="session")
def shared_app(seed: Seed) -> FastAPI:
    """The app, put together once; each test hands it its own parts."""
    settings = Settings(data_dir=seed.directory, language="en")
    database = Database.open("sqlite:///:memory:")
    engine = MemoryEngine(database, settings, run_at_once=False)
    monitor = MonitorClient(settings.monitors_socket)
    return create_app(ApiContext(settings, database, engine, StoredHostKeys(database), monitor))


@pytest.fixture
def app(shared_app: FastAPI, context: ApiContext) -> FastAPI:
    """The app over the test's own database."""
    shared_app.state.context = context
    return shared_app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A program that follows no redirects."""
    return TestClient(app, base_url=BASE, follow_redirects=False)
