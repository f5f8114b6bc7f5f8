"""The migrations make the tables the models describe, on both engines."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hatang.db import Base

if TYPE_CHECKING:
    from hatang.db import Database

ROOT = Path(__file__).parents[2]
PACKAGES = ("hatang", "inventory", "monitors", "alerts", "playbooks", "baselines", "conference")


def import_models() -> None:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("models.py")):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for path in sorted((ROOT / package).rglob("models/__init__.py")):
            importlib.import_module(".".join(path.relative_to(ROOT).parent.parts))


def test_models_and_migrations_agree(database: Database) -> None:
    import_models()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert [str(difference) for difference in differences] == []
