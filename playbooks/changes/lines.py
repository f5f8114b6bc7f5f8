"""What happened to a change, line by line: for who watches now and for the evidence later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import clock, events
from playbooks.models import ChangeLine

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, WriteSession

TOPIC: Final = "playbooks.change-line"
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; `kind` is a closed word, `text` what a program or person added."""

    id: int
    at: datetime
    kind: str
    device: str
    text: str


def tell(
    session: WriteSession, change_id: int, kind: str, text: str = "", *, device: str = ""
) -> None:
    """Write a line down and let everybody who watches the change hear of it."""
    row = ChangeLine(change_id=change_id, at=clock.now(), kind=kind, text=text, device=device)
    session.add(row)
    payload = {"change": change_id, "kind": kind, "device": device, "text": text[:500]}
    events.publish(session, TOPIC, f"change/{change_id}", payload)


def lines_of(session: AnySession, change_id: int, after: int = 0) -> list[LineRow]:
    """Return the change's lines behind the line `after`, oldest first."""
    behind = ChangeLine.change_id == change_id, ChangeLine.id > after
    statement = select(ChangeLine).where(*behind).order_by(ChangeLine.id).limit(MOST)
    return [_line(row) for row in session.scalars(statement)]


def all_lines(session: AnySession, change_id: int) -> list[LineRow]:
    """Return every line of the change, oldest first."""
    found: list[LineRow] = []
    while page := lines_of(session, change_id, found[-1].id if found else 0):
        found += page
    return found


def newest_lines(session: AnySession, change_id: int, most: int) -> list[LineRow]:
    """Return the last `most` lines of the change, oldest first."""
    statement = select(ChangeLine).where(ChangeLine.change_id == change_id)
    newest = session.scalars(statement.order_by(ChangeLine.id.desc()).limit(most)).all()
    return [_line(row) for row in reversed(newest)]


def _line(row: ChangeLine) -> LineRow:
    return LineRow(row.id, row.at, row.kind, row.device, row.text)
