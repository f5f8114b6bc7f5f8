"""A filled SQLite database, written once a run and copied for each test that starts from it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TypeVar

from hatang.datadir import Places, equip_all
from hatang.db import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = "hatang.sqlite3"
T = TypeVar("T")


def sow(template: Path, keys: Path, directory: Path, fill: Callable[[Database], T]) -> T:
    """Make `directory` a data directory of `keys` whose database `fill` filled."""
    shutil.copytree(keys, directory)
    shutil.copy(template, directory / FILE)
    database = Database.open(f"sqlite:///{directory / FILE}")
    equip_all(database, Places.under(directory))
    found = fill(database)
    database.dispose()
    return found


def plant(directory: Path, database: Database, data_dir: Path) -> None:
    """Let the test's untouched `database` in `data_dir` hold what was sown in `directory`."""
    assert not Places.under(data_dir).audit_heads.read_bytes(), "the test has written already"
    database.dispose()
    shutil.copytree(directory, data_dir, dirs_exist_ok=True)
