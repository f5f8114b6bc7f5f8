from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.db import Base, Database
from hatang.events import models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    tables = [model.__table__ for model in (models.Event, models.EventOffset, models.EventParked)]
    with database.write() as session:
        Base.metadata.create_all(session.connection(), tables=tables)  # type: ignore[arg-type]  # declared as FromClause
    yield database
    database.dispose()
