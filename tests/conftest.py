"""What every test may ask for: a migrated database, fresh, fast, on both engines."""

from __future__ import annotations

import gc
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hatang.auth import Actor, Role, passwords
from hatang.datadir import Places, equip_all, prepare
from hatang.db import Database
from tests import postgres
from tests.engines import statements_compiled_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How long an example takes depends on what else the machine does; no test asserts on a clock.
settings.register_profile("hatang", deadline=None)
settings.load_profile("hatang")


def pytest_collection() -> None:
    """Look for no garbage meanwhile: what is imported stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make only: the million objects before stay."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms of the proofs to `make soak`."""
    if "soak" in str(config.option.markexpr):
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    with statements_compiled_once():
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database.open(f"sqlite:///{path}")
    database.migrate()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server of this test run; skips where the binaries are absent."""
    if not postgres.installed():
        pytest.skip(postgres.MISSING)
    with postgres.running() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_migrated(postgres_cluster: postgres.Cluster) -> str:
    """The name of a migrated PostgreSQL database, emptied between tests."""
    postgres_cluster.execute("CREATE DATABASE hatang")
    database = Database.open(postgres_cluster.url("hatang"))
    database.migrate()
    database.dispose()
    return "hatang"


@pytest.fixture(scope="session")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    prepare(Places.under(directory))
    return directory


@pytest.fixture
def data_dir(tmp_path: Path, _keys: Path) -> Path:
    """A data directory with keys, an empty audit heads file and no blob."""
    shutil.copytree(_keys, tmp_path / "data")
    return tmp_path / "data"


def _open(url: str, data_dir: Path) -> Database:
    database = Database.open(url)
    equip_all(database, Places.under(data_dir))
    return database


@pytest.fixture
def sqlite_database(sqlite_template: Path, data_dir: Path) -> Iterator[Database]:
    """A fresh migrated and equipped SQLite database, where the engine makes no difference."""
    shutil.copy(sqlite_template, data_dir / "hatang.sqlite3")
    database = _open(f"sqlite:///{data_dir / 'hatang.sqlite3'}", data_dir)
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(
    postgres_cluster: postgres.Cluster, postgres_migrated: str, data_dir: Path
) -> Iterator[Database]:
    """A fresh migrated and equipped PostgreSQL database."""
    database = _open(postgres_cluster.url(postgres_migrated), data_dir)
    yield database
    database.dispose()
    postgres_cluster.empty(postgres_migrated)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Database:
    """The test runs twice: on SQLite and on PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    opened: Database = request.getfixturevalue(name)
    return opened


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashing at its cheapest: its strength is the library's, not ours to test."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._decoy.cache_clear()


@pytest.fixture
def admin() -> Actor:
    """An administrator of the whole province."""
    return Actor(1, "admin", frozenset({Role.ADMIN}), None)


@pytest.fixture
def engineer() -> Actor:
    """An engineer of the whole province."""
    return Actor(2, "engineer", frozenset({Role.ENGINEER}), None)


@pytest.fixture
def approver() -> Actor:
    """An approver of the whole province."""
    return Actor(3, "approver", frozenset({Role.APPROVER}), None)
