"""How bridges answered when somebody last asked: a silent one keeps its last good answer, stale."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, true

from conference.bridges.status import BridgeStatus
from conference.choices import BridgeState, MeetingState
from conference.headroom import need_bps
from conference.models import Heard, Meeting, Point
from hatang import clock, scope
from hatang.auth import Permission
from hatang.errors import NotFoundError
from inventory.models import Bridge

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

FRESH: Final = timedelta(minutes=15)
"""So long an answer counts as of now, as that about a meeting's readiness does."""


@dataclass(frozen=True, slots=True)
class HeardRow:
    """A bridge as it answered when it was last asked; all times are None before that.

    `good` is its last answer that was one, of `good_at`; `is_stale` when that is too old to count
    on, or the bridge did not answer since. `booked_ports` and `booked_bps` are what the meetings
    that run now take of it.
    """

    code: str
    name: str
    driver: str
    capacity_ports: int | None
    capacity_kbps: int | None
    state: str
    reason: str
    asked_at: datetime | None
    good: BridgeStatus | None
    good_at: datetime | None
    is_stale: bool
    booked_ports: int
    booked_bps: int


def write_heard(session: WriteSession, code: str, status: BridgeStatus, at: datetime) -> None:
    """Keep how the bridge `code` answered at `at`; its last good answer stays until the next."""
    number = session.scalar(select(Bridge.id).where(Bridge.code == code))
    if number is None:
        return
    row = session.get(Heard, number)
    if row is None:
        row = Heard(bridge_id=number, good_at=None, good=None)
        session.add(row)
    row.asked_at, row.state, row.reason = at, status.state, status.reason[:255]
    if status.state in (BridgeState.UP, BridgeState.DEGRADED):
        row.good_at, row.good = at, _packed(status)


def get_heard(session: AnySession, actor: Actor, code: str) -> HeardRow:
    """Return the bridge `code` as it answered last; raises DeniedError, NotFoundError."""
    found = next((one for one in list_heard(session, actor, code) if one.code == code), None)
    if found is None:
        raise NotFoundError(f"there is no bridge {code}")
    return found


def list_heard(session: AnySession, actor: Actor, code: str | None = None) -> list[HeardRow]:
    """Return the bridges the actor may see, or one, as they answered last. Raises DeniedError."""
    acting = actor.acting(Permission.CONFERENCE_READ)
    now = clock.now()
    booked = _booked(session, now)
    statement = (
        select(Bridge, Heard)
        .outerjoin(Heard, Heard.bridge_id == Bridge.id)
        .where(scope.visible(acting, Bridge.scope_id))
        .where(Bridge.code == code if code is not None else true())
        .order_by(Bridge.code)
    )
    return [_row(bridge, heard, booked, now) for bridge, heard in session.execute(statement)]


def _row(
    bridge: Bridge, heard: Heard | None, booked: dict[int, tuple[int, int]], now: datetime
) -> HeardRow:
    good_at = None if heard is None else heard.good_at
    ports, bps = booked.get(bridge.id, (0, 0))
    return HeardRow(
        code=bridge.code,
        name=bridge.name,
        driver=bridge.driver,
        capacity_ports=bridge.capacity_ports,
        capacity_kbps=bridge.capacity_kbps,
        state=BridgeState.UNKNOWN if heard is None else heard.state,
        reason="" if heard is None else heard.reason,
        asked_at=None if heard is None else heard.asked_at,
        good=None if heard is None or heard.good is None else _unpacked(heard.good),
        good_at=good_at,
        is_stale=good_at is not None
        and heard is not None
        and (heard.asked_at > good_at or now - good_at > FRESH),
        booked_ports=ports,
        booked_bps=bps,
    )


def _booked(session: AnySession, now: datetime) -> dict[int, tuple[int, int]]:
    """Return the ports and bit/s that the meetings which run now take, by bridge."""
    statement = (
        select(
            Meeting.bridge_id,
            Meeting.call_kbps,
            Meeting.content_kbps,
            func.count(Point.id),
        )
        .join(Point, Point.meeting_id == Meeting.id)
        .where(Meeting.state == MeetingState.PLANNED)
        .where(Meeting.starts_at <= now, Meeting.ends_at > now)
        .group_by(Meeting.id, Meeting.bridge_id, Meeting.call_kbps, Meeting.content_kbps)
    )
    found: dict[int, tuple[int, int]] = {}
    for bridge, call_kbps, content_kbps, points in session.execute(statement):
        ports, bps = found.get(bridge, (0, 0))
        found[bridge] = ports + points, bps + points * need_bps(call_kbps, content_kbps)
    return found


def _packed(status: BridgeStatus) -> dict[str, Any]:
    """Return the figures of an answer; which conferences ran then is nobody's business later."""
    found = asdict(status)
    del found["conferences"], found["fields_supported"]
    expires = status.certificate_expires_at
    found["certificate_expires_at"] = None if expires is None else expires.isoformat()
    return found


def _unpacked(kept: dict[str, Any]) -> BridgeStatus:
    expires = kept["certificate_expires_at"]
    return BridgeStatus(
        **{
            **kept,
            "state": BridgeState(kept["state"]),
            "alarms": tuple(kept["alarms"]),
            "certificate_expires_at": None if expires is None else datetime.fromisoformat(expires),
        }
    )
