"""What belongs to an open database but not inside it: its master key, audit seal, blob store.

They ride on the engine, so that every session finds those of its own database and no module
keeps a global; two databases in one process (tests, a restore check) stay apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from hatang.db.engine import Database

T = TypeVar("T")


def equip(database: Database, thing: object) -> None:
    """Give every later session of `database` the `thing`, found again by its class."""
    database.engine.update_execution_options(**{_option(type(thing)): thing})


def equipment(session: Session, kind: type[T]) -> T:
    """Return the thing of class `kind` that the session's database was equipped with.

    Raises:
        SettingsError: it was not equipped with one.
    """
    found = session.connection().get_execution_options().get(_option(kind))
    if not isinstance(found, kind):
        raise SettingsError(
            f"the database was opened without its {kind.__name__}",
            fix="Open it through hatang.datadir.equip_all.",
        )
    return found


def _option(kind: type) -> str:
    return f"hatang_{kind.__name__}"
