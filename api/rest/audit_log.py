"""Who did or was denied what, and whether the log is whole."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter

from api.callers import CallerDep
from api.rest.paging import Page, Schema, WindowDep
from hatang.audit import reading

router = APIRouter(prefix="/audit-log", tags=["audit"])


class Entry(Schema):
    """One thing somebody did or was denied."""

    sequence: int | None
    at: datetime
    actor: str
    action: str
    target: str
    outcome: str
    detail: dict[str, Any]
    hash: str | None


class Break(Schema):
    """A place where the log is not what hatang wrote."""

    sequence: int
    kind: str
    message: str


class Verification(Schema):
    """Whether the chain is whole, and every break in it."""

    whole: bool
    breaks: list[Break]


@router.get("")
def list_entries(caller: CallerDep, window: WindowDep) -> Page[Entry]:
    """Return the audit log, newest first."""
    with caller.read() as session:
        rows, total = reading.list_entries(session, caller.actor, window.limit, window.offset)
        return window.cut(Entry, rows, total)


@router.get("/verify")
def verify(caller: CallerDep) -> Verification:
    """Check every link of the chain against its key and the heads kept outside."""
    with caller.read() as session:
        breaks = reading.verify_chain(session, caller.actor)
    return Verification(whole=not breaks, breaks=[Break.model_validate(one) for one in breaks])
