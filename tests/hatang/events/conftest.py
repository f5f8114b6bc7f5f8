from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hatang.db import Database


@pytest.fixture
def db(database: Database) -> Database:
    return database
