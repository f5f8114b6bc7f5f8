"""The browser, and the served province it looks at."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from hatang.auth import Role, User, passwords
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.settings import Settings
from hatang.settings.model import AlertsSettings, PrometheusSettings
from tests.alerts import leased
from tests.api import province
from tests.api.prometheus import answering
from tests.e2e.test_browser import ARGUMENTS, CHROMIUM, Site, serving
from tests.seeds import FILE, sow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all files here that a process runs one after another: a start takes seconds."""
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def _planned(sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the province, its meeting and who looks at them; nothing measured."""
    directory = tmp_path_factory.mktemp("planned") / "data"
    sow(sqlite_template, _keys, directory, _plan)
    return directory


def _plan(database: Database) -> None:
    with database.write() as session:
        province.load(session)
        province.meeting(session)
        an = province.person(session, "an", Role.OPERATOR, Role.ENGINEER)
        session.get_one(User, an.id).password_hash = passwords.hash_password(province.PASSWORD)


@pytest.fixture
def site(_planned: Path, data_dir: Path) -> Iterator[Site]:
    shutil.copytree(_planned, data_dir, dirs_exist_ok=True)
    database = Database.open(f"sqlite:///{data_dir / FILE}")
    equip_all(database, Places.under(data_dir))
    with database.write() as session:
        province.measure(session, broken=False)
        province.hints(session)
    with answering() as prometheus:
        settings = Settings(
            data_dir=data_dir,
            prometheus=PrometheusSettings(url=prometheus),
            alerts=AlertsSettings(contracts=(leased.CONTRACT,)),
        )
        yield from serving(settings, database)
    database.dispose()
