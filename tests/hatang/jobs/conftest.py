from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.jobs import JobRegistry
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return load(environ={"HATANG_DATA_DIR": str(data_dir), "HATANG_JOBS__POLL_SECONDS": "0.05"})


@pytest.fixture
def registry() -> JobRegistry:
    return JobRegistry()


@pytest.fixture
def engine(sqlite_database: Database, settings: Settings, registry: JobRegistry) -> MemoryEngine:
    return MemoryEngine(sqlite_database, settings, registry)
