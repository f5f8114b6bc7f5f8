"""Records: the engine, two kinds of session, column types and the one Alembic history."""

from __future__ import annotations

from hatang.db.engine import Database
from hatang.db.session import AnySession, ReadSession, WriteSession
from hatang.db.types import Base, JSONText, UTCDateTime

__all__ = [
    "AnySession",
    "Base",
    "Database",
    "JSONText",
    "ReadSession",
    "UTCDateTime",
    "WriteSession",
]
