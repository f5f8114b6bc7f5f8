"""Which participant is which room, as somebody wrote it down: it goes before every other way."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from conference.matching import folded
from conference.models import Alias
from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from inventory.models import Room

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

LONGEST: Final = 255
MOST_BYTES: Final = 1_000_000
MOST_ROWS: Final = 10_000
"""In one go: they are read and written in one transaction, which others wait for."""
HEADER: Final = ("alias", "room")


@dataclass(frozen=True, slots=True)
class AliasRow:
    """What somebody is called in conferences, and the room that is."""

    alias: str
    room: str
    room_name: str
    actor: str
    created_at: datetime


def list_aliases(session: AnySession, actor: Actor) -> list[AliasRow]:
    """Return what was written down of the rooms the actor may see. Raises DeniedError."""
    acting = actor.acting(Permission.CONFERENCE_READ)
    statement = (
        select(Alias, Room.code, Room.name)
        .join(Room, Room.id == Alias.room_id)
        .where(scope.visible(acting, Room.scope_id))
        .order_by(Room.code, Alias.alias)
    )
    return [
        AliasRow(row.alias, code, name, row.actor, row.created_at)
        for row, code, name in session.execute(statement)
    ]


def put_aliases(
    session: WriteSession, actor: Actor, wanted: Collection[tuple[str, str]], file: str = ""
) -> int:
    """Write down who is which room, `(alias, room)` each, all or none; returns how many.

    An alias is a display name, a SIP address, a number or an IP address, as the bridge tells it;
    case and space around it do not matter. One that is written down already is of the new room.

    Raises:
        DeniedError: an alias is of a room that the actor may not operate.
        InvalidInputError: no alias, one that stands twice, no such room; all, with their lines. Or
            more than MOST_ROWS.
    """
    acting = actor.acting(Permission.CONFERENCE_OPERATE)
    if len(wanted) > MOST_ROWS:
        count = str(len(wanted))
        raise InvalidInputError([Problem(file, "aliases", count, "is too large", "Split it.")])
    statement = select(Room).where(
        Room.code.in_({room for _, room in wanted}), scope.visible(acting, Room.scope_id)
    )
    rooms = {room.code: room for room in session.scalars(statement)}
    problems = list(_problems(wanted, rooms, file))
    if problems:
        raise InvalidInputError(problems)
    given = {folded(alias): rooms[room] for alias, room in wanted}
    held = {row.alias: row for row in session.scalars(select(Alias).where(Alias.alias.in_(given)))}
    _require(session, actor, held.values())
    for alias, room in given.items():
        row = held.get(alias) or Alias(alias=alias)
        row.room_id, row.actor, row.created_at = room.id, actor.name, clock.now()
        session.add(row)
        if not file:
            detail = {"alias": alias, "room": room.code}
            audit.record(session, actor, "alias.put", f"room/{room.code}", detail)
    session.flush()
    return len(given)


def _problems(
    wanted: Collection[tuple[str, str]], rooms: Collection[str], file: str
) -> Iterable[Problem]:
    seen: set[str] = set()
    for number, (alias, room) in enumerate(wanted, 2):
        line = number if file else None
        name = folded(alias)
        if not 0 < len(name) <= LONGEST:
            fix = "Give 1 to 255 characters."
            yield Problem(file or "alias", "alias", alias[:80], "is no name", fix, line)
        elif name in seen:
            yield Problem(
                file or "alias", "alias", alias, "stands twice", "List each name once.", line
            )
        seen.add(name)
        if room not in rooms:
            fix = "Use the code of a room in the inventory."
            yield Problem(file or "alias", "room", room, "there is no such room", fix, line)


def _require(session: AnySession, actor: Actor, rows: Iterable[Alias]) -> None:
    """Refuse to take an alias from a room that the actor may not operate."""
    acting = actor.acting(Permission.CONFERENCE_OPERATE)
    numbers = {row.room_id for row in rows}
    for room in session.scalars(select(Room).where(Room.id.in_(numbers))):
        if not scope.reaches(session, acting, room.scope_id):
            raise DeniedError(f"{actor.name} may not change what is said of another unit's room")


def import_aliases(session: WriteSession, actor: Actor, content: bytes, file: str) -> int:
    """Write down the lines of a CSV file with the columns alias and room; raises as put_aliases.

    The audit log keeps one record of it, with the file's SHA-256.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInputError([Problem(file, "file", "", "is too large", "Split it.")])
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problem = Problem(file, "file", "", "is no CSV in UTF-8", "Save it as CSV in UTF-8.")
        raise InvalidInputError([problem]) from error
    if not rows or not set(HEADER) <= set(rows[0]):
        fix = "Begin it with the line: alias,room"
        raise InvalidInputError([Problem(file, "file", "", "has no aliases", fix, 1)])
    wanted = [(row["alias"] or "", (row["room"] or "").strip()) for row in rows]
    count = put_aliases(session, actor, wanted, file)
    detail = {"aliases": count, "sha256": hashlib.sha256(content).hexdigest()}
    audit.record(session, actor, "alias.import", "aliases", detail)
    return count


def remove_alias(session: WriteSession, actor: Actor, alias: str) -> None:
    """Forget who `alias` is.

    Raises:
        DeniedError: it is of a room that the actor may not operate.
        NotFoundError: nobody wrote it down, or the actor may not see its room.
    """
    seen = actor.acting(Permission.CONFERENCE_READ)
    row = session.scalar(
        select(Alias)
        .join(Room, Room.id == Alias.room_id)
        .where(Alias.alias == folded(alias), scope.visible(seen, Room.scope_id))
    )
    if row is None:
        actor.acting(Permission.CONFERENCE_OPERATE)
        raise NotFoundError(f"nobody wrote down who {alias} is")
    _require(session, actor, [row])
    session.execute(delete(Alias).where(Alias.id == row.id))
    audit.record(session, actor, "alias.remove", f"room/{row.room_id}", {"alias": row.alias})
