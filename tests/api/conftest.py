"""The app over a fresh database with a province and three standing people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.context import ApiContext
from hatang.auth import Role
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from monitors.client import MonitorClient
from tests.api import province

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from hatang.db import Database
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


@pytest.fixture
def scopes(sqlite_database: Database) -> dict[str, int]:
    """The imported province's scopes by unit code."""
    with sqlite_database.write() as session:
        found = province.load(session)
        province.measure(session, broken=True)
    return found


@pytest.fixture
def people(sqlite_database: Database, scopes: dict[str, int]) -> People:
    """Everybody, each with a token."""
    with sqlite_database.write() as session:
        near, far = scopes["kv-song-huong"], scopes["kv-phuong-nam"]
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


@pytest.fixture
def app(context: ApiContext) -> FastAPI:
    """The app."""
    return create_app(context)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A program that follows no redirects."""
    return TestClient(app, base_url=BASE, follow_redirects=False)
