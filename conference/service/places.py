"""The meetings of a bridge at a moment, and who of them somebody is that joins."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import or_, select

from conference.choices import MatchMethod, MeetingState
from conference.matching import Candidate, Rooms
from conference.models import Alias, Meeting, Participant, Point
from inventory.models import Endpoint, Prefix, Room, Site

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from conference.bridges import status
    from hatang.db import AnySession

EARLY: Final = timedelta(minutes=60)
"""So long before its beginning people who join belong to a meeting."""


class Place(NamedTuple):
    """Somebody's meeting, room and how that was told; None is nobody knows."""

    meeting: int | None
    room: int | None
    method: MatchMethod


@dataclass(slots=True)
class _Meeting:
    rooms: Rooms
    numbers: dict[str, int]


@dataclass(slots=True)
class Places:
    """The bridge's meetings and the rooms that may be in them, read when somebody joins."""

    session: AnySession
    bridge_id: int
    _meetings: dict[int, _Meeting] = field(default_factory=dict)
    _at: dict[datetime, list[int]] = field(default_factory=dict)

    def find(self, who: status.Participant, at: datetime) -> Place:
        """Return where somebody belongs who joins at `at`; the only meeting has who is no room."""
        meetings = self._running(at)
        for number in meetings:
            held = self._meetings[number]
            code, method = held.rooms.match(who)
            if code is not None:
                return Place(number, held.numbers[code], method)
        return Place(meetings[0] if len(meetings) == 1 else None, None, MatchMethod.NONE)

    def _running(self, at: datetime) -> list[int]:
        if at not in self._at:
            self._at[at] = list(
                self.session.scalars(
                    select(Meeting.id)
                    .where(Meeting.bridge_id == self.bridge_id)
                    .where(Meeting.state == MeetingState.PLANNED)
                    .where(Meeting.starts_at <= at + EARLY, Meeting.ends_at > at)
                    .order_by(Meeting.starts_at)
                )
            )
        for number in self._at[at]:
            if number not in self._meetings:
                self._meetings[number] = _read(self.session, number)
        return self._at[at]


def placed(
    session: AnySession, bridge_id: int, people: Sequence[status.Participant], at: datetime
) -> dict[str, Place]:
    """Return where those belong who join at `at`, by the bridge's name of them.

    This compares names, which takes its time: do it before the write, for while somebody writes
    nobody else does.
    """
    inside = set(
        session.scalars(
            select(Participant.remote_id)
            .outerjoin(Meeting, Meeting.id == Participant.meeting_id)
            .where(Participant.bridge_id == bridge_id, Participant.left_at.is_(None))
            .where(or_(Meeting.id.is_(None), Meeting.ends_at > at))
        )
    )
    places = Places(session, bridge_id)
    return {one.remote_id: places.find(one, at) for one in people if one.remote_id not in inside}


def _read(session: AnySession, meeting_id: int) -> _Meeting:
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
    candidates = [
        Candidate(
            room=room.code,
            name=room.name,
            site_name=site.name,
            codes=frozenset({room.code, *(one.code for one in endpoints[room.id])}),
            aliases=frozenset(aliases[room.id]),
            uris=frozenset(
                uri for uri in (room.sip_uri, *(one.sip_uri for one in endpoints[room.id])) if uri
            ),
            addresses=frozenset(one.address for one in endpoints[room.id] if one.address),
            networks=tuple(networks[site.id]),
        )
        for room, site in rooms
    ]
    return _Meeting(Rooms(candidates), {room.code: room.id for room, _ in rooms})
