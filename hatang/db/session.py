"""Two session types: reading can never write, and writing takes its lock first."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy.orm import Session


class ReadSession(Session):
    """Sees one consistent state and cannot change it."""


class WriteSession(Session):
    """The one transaction of a request, a job or a transition flush."""


AnySession: TypeAlias = ReadSession | WriteSession
