from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.playbooks.drift.scene import Scene

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database


@pytest.fixture
def scene(sqlite_database: Database, engineer: Actor) -> Scene:
    return Scene(sqlite_database, engineer)
