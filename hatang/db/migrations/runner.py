"""Runs the migrations; no alembic.ini, because the database to migrate is known by its engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing, in one transaction where the database can.

    Raises:
        SettingsError: the database was written by a newer hatang.
    """
    with engine.connect().execution_options(hatang_write=True) as connection:
        _refuse_newer(connection)
        connection.rollback()
        with connection.begin():
            command.upgrade(configuration(connection), "head")


def require_current(engine: Engine) -> None:
    """Return when the tables are exactly those of this version.

    Raises:
        SettingsError: they are newer, older or not there.
    """
    with engine.connect() as connection:
        _refuse_newer(connection)
        current = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(configuration()).get_current_head()
    if current != wanted:
        raise SettingsError(
            f"the database has the tables of another version (schema {current}, not {wanted})",
            fix="Run `hatang init`, which brings it to this version; data stays.",
        )


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {
        script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()
    }
    if current is not None and current not in known:
        raise SettingsError(
            f"the data directory was written by a newer hatang (schema {current})",
            fix="Install that version, or restore a backup made by this one.",
        )
