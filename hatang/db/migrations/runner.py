"""Runs the migrations; no alembic.ini, because the database to migrate is known by its engine."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import inspect, text

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

HERE: Final = Path(__file__).parent


def known_revisions() -> list[str]:
    """Return the revisions of this version, oldest first: the numbers the files begin with."""
    return sorted(path.name.partition("_")[0] for path in HERE.glob("versions/[0-9]*_*.py"))


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for `connection`."""
    from alembic.config import Config  # noqa: PLC0415 RUF100 - opening a database needs no Alembic

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing, in one transaction where the database can.

    Raises:
        SettingsError: the database was written by a newer hatang.
    """
    from alembic import command  # noqa: PLC0415 RUF100 - only migrating needs it

    with engine.connect().execution_options(hatang_write=True) as connection:
        _refuse_newer(connection)
        connection.rollback()
        with _without_cascades(connection), connection.begin():
            command.upgrade(configuration(connection), "head")


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table without deleting what refers to it (sqlite.org, ALTER TABLE 7).

    The pragma does nothing inside a transaction: it goes to the driver, before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def require_current(engine: Engine) -> None:
    """Return when the tables are exactly those of this version.

    Raises:
        SettingsError: they are newer, older or not there.
    """
    with engine.connect() as connection:
        current = _refuse_newer(connection)
    wanted = known_revisions()[-1]
    if current != wanted:
        raise SettingsError(
            f"the database has the tables of another version (schema {current}, not {wanted})",
            fix="Run `hatang init`, which brings it to this version; data stays.",
        )


def _refuse_newer(connection: Connection) -> str | None:
    """Return the revision the tables are of, None when there are none."""
    current = None
    if inspect(connection).has_table("alembic_version"):
        current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if current is not None and current not in known_revisions():
        raise SettingsError(
            f"the data directory was written by a newer hatang (schema {current})",
            fix="Install that version, or restore a backup made by this one.",
        )
    return current
