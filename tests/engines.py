"""Engines of a test run share what each would otherwise make for itself.

Every test opens a database of its own, and with it an engine that has compiled nothing yet: to
compile the same statements anew for each took a quarter of the suite's time.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlalchemy.util import LRUCache

from hatang.db import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Dialect

_STATEMENTS_KEPT = 3000


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """Let every `Database` opened meanwhile use the statements compiled for those before it."""
    opened = Database.open
    dialects: dict[str, Dialect] = {}
    compiled: LRUCache[Any, Any] = LRUCache(_STATEMENTS_KEPT)

    def opening(_cls: type[Database], url: str) -> Database:
        database = opened(url)
        engine = database.engine
        # The dialect is part of a compiled statement's key; it holds nothing of one database.
        engine.dialect = dialects.setdefault(engine.dialect.name, engine.dialect)
        engine.update_execution_options(compiled_cache=compiled)
        if database.is_sqlite:
            event.listen(engine, "connect", _need_not_survive_a_power_cut)
        return database

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "open", classmethod(opening))
        yield


def _need_not_survive_a_power_cut(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
