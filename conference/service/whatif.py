"""What would run out, were this meeting held as well: nothing is written and nothing measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.choices import CheckResult, MeetingState
from conference.service.capacity import bridge_capacity, load_cause, shared_loads
from conference.service.known import DEFAULT_TERMS, Terms, gather
from conference.service.meetings import MeetingRow, PointRow, check_meeting
from hatang.auth import Permission
from inventory.models import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conference.lines import Load
    from conference.service.meetings import MeetingInput
    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class Congested:
    """A line that would not suffice, or of which nobody can tell (`result` skip)."""

    line: str
    name: str
    direction: str
    result: str
    points: tuple[str, ...]
    need_bps: int
    reserved_bps: int
    capacity_bps: int | None
    usual_bps: float | None
    free_bps: float | None
    cause: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would run out; `missing_ports` is None where the bridge's ports are not known.

    `unrated` are the rooms with no line of a known rate on their way: nobody can tell of them.
    """

    need_bps: int
    congested: tuple[Congested, ...]
    not_known: tuple[Congested, ...]
    bridge: str
    bridge_result: str
    bridge_cause: str
    missing_ports: int | None
    unrated: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether it would, as far as rates and ports are written down; of all else nobody can say.

        A line whose usual load is not known does not deny it: `not_known` names it.
        """
        return not (self.congested or self.unrated) and self.bridge_result == CheckResult.PASS


def what_if(
    session: AnySession, actor: Actor, wanted: MeetingInput, terms: Terms = DEFAULT_TERMS
) -> WhatIf:
    """Return what `wanted` would lack, beside all that is planned at that time.

    Raises:
        DeniedError: the actor may not read conferences.
        InvalidInputError: as `put_meeting`.
    """
    bridge, rooms = check_meeting(session, actor, wanted, Permission.CONFERENCE_READ)
    meeting = MeetingRow(
        id=0,
        uid=wanted.uid,
        title=wanted.title,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        bridge=bridge.code,
        call_kbps=wanted.call_kbps,
        state=MeetingState.PLANNED,
        points=len(wanted.points),
        content_kbps=wanted.content_kbps,
    )
    held = select(Site).where(Site.id.in_({one.site_id for one in rooms.values()}))
    sites = {site.id: site for site in session.scalars(held)}
    points = [
        PointRow(
            room_id=room.id,
            room=room.code,
            name=room.name,
            site=sites[room.site_id].slug,
            site_name=sites[room.site_id].name,
            sip_uri=room.sip_uri,
            contact_phone=room.contact_phone,
            role=point.role,
            required=point.required,
        )
        for point in wanted.points
        for room in [rooms[point.room]]
    ]
    known = gather(session, actor, meeting, points, terms)
    loads = shared_loads(known)
    capacity = bridge_capacity(known)
    total = known.access.capacity_ports
    rated = _rated(loads)
    lacking = None if total is None else max(0, len(points) + known.others.ports - total)
    return WhatIf(
        known.need_bps,
        tuple(_told(load) for load in loads if load.result is CheckResult.FAIL),
        tuple(_told(load) for load in loads if load.result is CheckResult.SKIP),
        bridge.code,
        capacity.result,
        capacity.cause,
        lacking,
        tuple(point.room for point in points if point.room not in rated),
    )


def _rated(loads: Sequence[Load]) -> set[str]:
    """Return the rooms with a line of a known rate on their way."""
    known = (load for load in loads if load.line.capacity_bps(load.direction) is not None)
    return {room for load in known for room in load.points}


def _told(load: Load) -> Congested:
    line, direction = load.line, load.direction
    return Congested(
        line=line.key,
        name=line.name,
        direction=direction,
        result=load.result,
        points=load.points,
        need_bps=load.need_bps,
        reserved_bps=load.reserved_bps,
        capacity_bps=line.capacity_bps(direction),
        usual_bps=line.usual_bps(direction),
        free_bps=load.free_bps,
        cause=load_cause(load),
    )
