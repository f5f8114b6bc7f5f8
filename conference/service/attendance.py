"""Who is in a meeting and how they are heard, written down as bridges tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from conference import quality
from conference.bridges import status
from conference.choices import MeetingState
from conference.models import Meeting, Participant, Window
from conference.pushed import JOINED
from conference.service.places import EARLY, Places
from hatang import events
from inventory.models import Bridge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from conference.pushed import Event
    from conference.service.places import Place
    from hatang.db import AnySession, WriteSession

TOPIC: Final = "conference.live"
_NONE: Final[Mapping[str, Place]] = {}


def running(session: AnySession, now: datetime) -> list[tuple[int, str]]:
    """Return id and code of the bridges that have a meeting now, or one that begins soon."""
    statement = (
        select(Bridge.id, Bridge.code)
        .join(Meeting, Meeting.bridge_id == Bridge.id)
        .where(Meeting.state == MeetingState.PLANNED)
        .where(Meeting.starts_at <= now + EARLY, Meeting.ends_at > now)
        .distinct()
    )
    return [(number, code) for number, code in session.execute(statement)]


def observe(
    session: WriteSession,
    bridge_id: int,
    people: Sequence[status.Participant],
    at: datetime,
    places: Mapping[str, Place] = _NONE,
) -> None:
    """Write down who is in the bridge's conferences at `at`, and how they are heard.

    Who was in and is no longer told has left, at its meeting's end at the latest; who stays beyond
    that joins anew, the next meeting if there is one. `places` are those found before, of who is
    new; of the others they are found here.
    """
    held = _inside(session, bridge_id)
    over = _over(session, held.values(), at)
    found = Places(session, bridge_id)
    told = {one.remote_id: one for one in people}
    new = [who for who in told.values() if _is_new(held.get(who.remote_id), over)]
    joined = _join(
        session,
        bridge_id,
        [(who, places.get(who.remote_id) or found.find(who, at), at) for who in new],
    )
    stayed = {key: row for key, row in held.items() if key in told and key not in joined}
    gone = [row for key, row in held.items() if key not in stayed]
    _leave(session, [(row, over.get(row.meeting_id, at), "no longer told") for row in gone])
    inside = {**stayed, **joined}
    _hear(session, [(inside[key], who.streams) for key, who in told.items()], at)
    meetings = {row.meeting_id for row in (*inside.values(), *gone)}
    _tell(session, meetings, at)


def _is_new(row: _Inside | None, over: Mapping[int | None, datetime]) -> bool:
    return row is None or row.meeting_id in over


def _tell(session: WriteSession, meetings: set[int | None], at: datetime) -> None:
    """Say that there are new windows, to who watches the meetings."""
    uids = session.scalars(select(Meeting.uid).where(Meeting.id.in_(meetings - {None})))
    for uid in sorted(uids):
        events.publish(session, TOPIC, f"meeting/{uid}", {"at": at.isoformat()})


def _over(session: AnySession, rows: Iterable[_Inside], at: datetime) -> dict[int | None, datetime]:
    """Return when those meetings ended that are over."""
    numbers = {row.meeting_id for row in rows if row.meeting_id is not None}
    statement = select(Meeting.id, Meeting.ends_at)
    ended = statement.where(Meeting.id.in_(numbers), Meeting.ends_at <= at)
    return dict(session.execute(ended).all())


def take(session: WriteSession, bridge_id: int, told: Sequence[Event]) -> None:
    """Write down who joined and left, as the bridge told by itself."""
    inside = _inside(session, bridge_id)
    places = Places(session, bridge_id)
    meetings: set[int | None] = set()
    for event in told:
        row = inside.get(event.remote_id)
        if event.kind == JOINED and row is None and not _is_known(session, bridge_id, event):
            who = _as_participant(event)
            joined = [(who, places.find(who, event.at), event.at)]
            inside |= _join(session, bridge_id, joined)
            meetings.add(inside[event.remote_id].meeting_id)
        elif event.kind != JOINED and row is not None and event.at >= row.joined_at:
            _leave(session, [(row, event.at, event.reason)])
            meetings.add(row.meeting_id)
            del inside[event.remote_id]
    if told:
        _tell(session, meetings, max(one.at for one in told))


def _is_known(session: AnySession, bridge_id: int, event: Event) -> bool:
    """Whether that joining is written down, as by a message that was sent again in another."""
    statement = select(Participant.id).where(
        Participant.bridge_id == bridge_id,
        Participant.remote_id == event.remote_id,
        Participant.joined_at == event.at,
    )
    return session.scalar(statement) is not None


def _as_participant(event: Event) -> status.Participant:
    return status.Participant(
        event.conference, event.remote_id, event.display_name, event.remote_uri, event.remote_ip
    )


class _Inside(NamedTuple):
    """Somebody who is in, as little of it as the next window takes."""

    id: int
    remote_id: str
    meeting_id: int | None
    joined_at: datetime
    counters: dict[str, list[int]] | None


def _inside(session: AnySession, bridge_id: int) -> dict[str, _Inside]:
    rows = session.execute(
        select(
            Participant.id,
            Participant.remote_id,
            Participant.meeting_id,
            Participant.joined_at,
            Participant.counters,
        ).where(Participant.bridge_id == bridge_id, Participant.left_at.is_(None))
    )
    return {row.remote_id: _Inside(*row) for row in rows}


def _join(
    session: WriteSession,
    bridge_id: int,
    people: Sequence[tuple[status.Participant, Place, datetime]],
) -> dict[str, _Inside]:
    """Write down who joins, where and when; returns the rows by the bridge's name of them."""
    if not people:
        return {}
    rows = [
        {
            "bridge_id": bridge_id,
            "conference": who.conference,
            "remote_id": who.remote_id,
            "display_name": who.display_name,
            "remote_uri": who.remote_uri,
            "remote_ip": who.remote_ip,
            "meeting_id": place.meeting,
            "room_id": place.room,
            "match_method": place.method,
            "joined_at": at,
            "leave_reason": "",
        }
        for who, place, at in people
    ]
    made = insert(Participant).returning(Participant.id, sort_by_parameter_order=True)
    numbers = session.scalars(made, rows).all()
    return {
        who.remote_id: _Inside(number, who.remote_id, place.meeting, at, None)
        for number, (who, place, at) in zip(numbers, people, strict=True)
    }


def _leave(session: WriteSession, gone: Sequence[tuple[_Inside, datetime, str]]) -> None:
    """Write down who left, when (never before joining) and why."""
    rows = [
        {"own_id": row.id, "own_left": max(row.joined_at, at), "own_reason": reason}
        for row, at, reason in gone
    ]
    _update(session, {"left_at": "own_left", "leave_reason": "own_reason"}, rows)


def _update(
    session: WriteSession, columns: Mapping[str, str], rows: Sequence[dict[str, Any]]
) -> None:
    if not rows:
        return
    table = Participant.__table__
    values = {name: bindparam(key, type_=table.c[name].type) for name, key in columns.items()}
    statement = update(Participant).where(table.c.id == bindparam("own_id"))
    session.connection().execute(statement.values(**values), list(rows))


def _hear(
    session: WriteSession,
    inside: Sequence[tuple[_Inside, Sequence[status.Stream]]],
    at: datetime,
) -> None:
    """Write the streams' windows down, and the counters, where they moved, for the next."""
    windows: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    for row, streams in inside:
        counters = _heard(row, streams, at, windows)
        if counters != (row.counters or {}):
            moved.append({"own_id": row.id, "own_counters": counters})
    if windows:
        session.connection().execute(insert(Window), windows)
    _update(session, {"counters": "own_counters"}, moved)


def _heard(
    row: _Inside, streams: Sequence[status.Stream], at: datetime, windows: list[dict[str, Any]]
) -> dict[str, list[int]]:
    """Add the streams' windows as rows, and return the counters for the next."""
    before, counters = row.counters or {}, {}
    for stream in quality.merged(streams):
        key = f"{stream.direction}/{stream.media}"
        if stream.packets is not None and stream.packets_lost is not None:
            counters[key] = [stream.packets, stream.packets_lost]
        heard = quality.heard(stream, before.get(key))
        windows.append(
            {
                "participant_id": row.id,
                "at": at,
                "direction": stream.direction,
                "media": stream.media,
                "packets": heard.packets,
                "packets_lost": heard.packets_lost,
                "loss_ratio": heard.loss_ratio,
                "jitter_seconds": stream.jitter_seconds,
                "rtt_seconds": stream.rtt_seconds,
                "bitrate_bps": stream.bitrate_bps,
                "quality": heard.quality,
            }
        )
    return counters
