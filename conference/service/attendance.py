"""Who is in a meeting and how they are heard, written down as bridges tell it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select

from conference import quality
from conference.bridges import status
from conference.choices import MatchMethod, MeetingState
from conference.matching import Candidate, match
from conference.models import Alias, Meeting, Participant, Point, Window
from conference.pushed import JOINED
from hatang import events
from inventory.models import Bridge, Endpoint, Prefix, Room, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from conference.pushed import Event
    from hatang.db import AnySession, WriteSession

TOPIC: Final = "conference.live"
EARLY: Final = timedelta(minutes=60)
"""So long before its beginning people who join belong to a meeting."""


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
    session: WriteSession, bridge_id: int, people: Sequence[status.Participant], at: datetime
) -> None:
    """Write down who is in the bridge's conferences at `at`, and how they are heard.

    Who was in and is no longer told has left, at its meeting's end at the latest; who stays beyond
    that joins anew, the next meeting if there is one.
    """
    held = _inside(session, bridge_id)
    over = _over(session, held.values(), at)
    places = _Places(session, bridge_id, at)
    windows: list[dict[str, Any]] = []
    meetings: set[int | None] = set()
    for who in {one.remote_id: one for one in people}.values():
        row = held.get(who.remote_id)
        if row is None or row.meeting_id in over:
            row = _join(session, bridge_id, places, who, at)
        else:
            del held[who.remote_id]
        windows += _heard(row, who.streams, at)
        meetings.add(row.meeting_id)
    for row in held.values():
        left = over.get(row.meeting_id, at)
        row.left_at, row.leave_reason = max(row.joined_at, left), "no longer told"
        meetings.add(row.meeting_id)
    session.flush()
    if windows:
        session.execute(insert(Window), windows)
    _tell(session, meetings, at)


def _tell(session: WriteSession, meetings: set[int | None], at: datetime) -> None:
    """Say that there are new windows, to who watches the meetings."""
    uids = session.scalars(select(Meeting.uid).where(Meeting.id.in_(meetings - {None})))
    for uid in sorted(uids):
        events.publish(session, TOPIC, f"meeting/{uid}", {"at": at.isoformat()})


def _over(
    session: AnySession, rows: Iterable[Participant], at: datetime
) -> dict[int | None, datetime]:
    """Return when those meetings ended that are over."""
    numbers = {row.meeting_id for row in rows if row.meeting_id is not None}
    statement = select(Meeting.id, Meeting.ends_at)
    ended = statement.where(Meeting.id.in_(numbers), Meeting.ends_at <= at)
    return dict(session.execute(ended).all())


def take(session: WriteSession, bridge_id: int, told: Sequence[Event]) -> None:
    """Write down who joined and left, as the bridge told by itself."""
    from_bridge = _inside(session, bridge_id)
    meetings: set[int | None] = set()
    for event in told:
        row = from_bridge.get(event.remote_id)
        if event.kind == JOINED and row is None and not _is_known(session, bridge_id, event):
            who = _as_participant(event)
            places = _Places(session, bridge_id, event.at)
            row = from_bridge[event.remote_id] = _join(session, bridge_id, places, who, event.at)
            meetings.add(row.meeting_id)
        elif event.kind != JOINED and row is not None and event.at >= row.joined_at:
            row.left_at, row.leave_reason = event.at, event.reason
            meetings.add(row.meeting_id)
            del from_bridge[event.remote_id]
    session.flush()
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


def _inside(session: AnySession, bridge_id: int) -> dict[str, Participant]:
    rows = session.scalars(
        select(Participant).where(Participant.bridge_id == bridge_id, Participant.left_at.is_(None))
    )
    return {row.remote_id: row for row in rows}


class _Places:
    """The bridge's meetings at a moment, and the rooms that may be in them."""

    def __init__(self, session: AnySession, bridge_id: int, at: datetime) -> None:
        self._session, self._bridge_id, self._at = session, bridge_id, at

    @cached_property
    def _rooms(self) -> dict[int, list[tuple[int, Candidate]]]:
        """The rooms by meeting, read when somebody joins: mostly nobody does."""
        meetings = self._session.scalars(
            select(Meeting)
            .where(Meeting.bridge_id == self._bridge_id, Meeting.state == MeetingState.PLANNED)
            .where(Meeting.starts_at <= self._at + EARLY, Meeting.ends_at > self._at)
            .order_by(Meeting.starts_at)
        ).all()
        return {one.id: _candidates(self._session, one.id) for one in meetings}

    def find(self, who: status.Participant) -> tuple[int | None, int | None, MatchMethod]:
        """Return meeting, room and how it was told; who is no room belongs to the only meeting."""
        for meeting, rooms in self._rooms.items():
            code, method = match(who, [one for _, one in rooms])
            if code is not None:
                return meeting, next(n for n, one in rooms if one.room == code), method
        only = next(iter(self._rooms)) if len(self._rooms) == 1 else None
        return only, None, MatchMethod.NONE


def _candidates(session: AnySession, meeting_id: int) -> list[tuple[int, Candidate]]:
    rooms = session.execute(
        select(Room, Site)
        .join(Point, Point.room_id == Room.id)
        .join(Site, Site.id == Room.site_id)
        .where(Point.meeting_id == meeting_id)
    ).all()
    endpoints: dict[int | None, list[Endpoint]] = defaultdict(list)
    numbers = [room.id for room, _ in rooms]
    for endpoint in session.scalars(select(Endpoint).where(Endpoint.room_id.in_(numbers))):
        endpoints[endpoint.room_id].append(endpoint)
    aliases: dict[int, set[str]] = defaultdict(set)
    for alias in session.scalars(select(Alias).where(Alias.room_id.in_(numbers))):
        aliases[alias.room_id].add(alias.alias)
    networks: dict[int | None, list[str]] = defaultdict(list)
    sites = {site.id for _, site in rooms}
    for prefix in session.scalars(select(Prefix).where(Prefix.site_id.in_(sites))):
        networks[prefix.site_id].append(prefix.prefix)
    return [
        (
            room.id,
            Candidate(
                room=room.code,
                name=room.name,
                site_name=site.name,
                codes=frozenset({room.code, *(one.code for one in endpoints[room.id])}),
                aliases=frozenset(aliases[room.id]),
                uris=frozenset(
                    uri
                    for uri in (room.sip_uri, *(one.sip_uri for one in endpoints[room.id]))
                    if uri
                ),
                addresses=frozenset(one.address for one in endpoints[room.id] if one.address),
                networks=tuple(networks[site.id]),
            ),
        )
        for room, site in rooms
    ]


def _join(
    session: WriteSession,
    bridge_id: int,
    places: _Places,
    who: status.Participant,
    at: datetime,
) -> Participant:
    meeting, room, method = places.find(who)
    row = Participant(
        bridge_id=bridge_id,
        conference=who.conference,
        remote_id=who.remote_id,
        display_name=who.display_name,
        remote_uri=who.remote_uri,
        remote_ip=who.remote_ip,
        meeting_id=meeting,
        room_id=room,
        match_method=method,
        joined_at=at,
        leave_reason="",
    )
    session.add(row)
    session.flush()
    return row


def _heard(
    row: Participant, streams: Sequence[status.Stream], at: datetime
) -> list[dict[str, Any]]:
    """Return the streams' windows as rows, and keep the counters for the next."""
    before, counters, found = row.counters or {}, {}, []
    for stream in quality.merged(streams):
        key = f"{stream.direction}/{stream.media}"
        if stream.packets is not None and stream.packets_lost is not None:
            counters[key] = [stream.packets, stream.packets_lost]
        heard = quality.heard(stream, before.get(key))
        found.append(
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
    row.counters = counters
    return found
