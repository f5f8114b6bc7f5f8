"""The first start: data directory, keys, tables, the first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hatang import statedir
from hatang.auth import User, create_first_admin
from hatang.datadir import Places, equip_all, prepare
from hatang.db import Database
from hatang.jobs import dbos_engine

if TYPE_CHECKING:
    from hatang.settings import Settings

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Initialised:
    """What a start found; `password` is the first administrator's, told this once only."""

    data_dir: str
    password: str | None


def initialise(settings: Settings) -> Initialised:
    """Bring both databases to this version; on the first start create keys and administrator.

    Doing it again changes nothing. Keys are created only while there is nobody yet: later a
    missing key has to be restored, never silently replaced.

    Raises:
        SettingsError: the directory cannot be used, or a newer hatang wrote it.
    """
    statedir.prepare(settings.data_dir)
    database = Database.open(settings.database_url)
    try:
        database.migrate()
        dbos_engine.migrate(settings)
        password = _first_admin(database, Places.of(settings))
    finally:
        database.dispose()
    return Initialised(str(settings.data_dir), password)


def _first_admin(database: Database, places: Places) -> str | None:
    with database.read() as session:
        is_first = not session.scalar(select(func.count()).select_from(User))
    if is_first:
        prepare(places)
    equip_all(database, places)
    if not is_first:
        return None
    with database.write() as session:
        return create_first_admin(session, ADMIN)
