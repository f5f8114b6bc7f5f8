"""Meetings, their points, and what was found about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class Meeting(Base):
    """A meeting, known to the outside by its iCalendar UID."""

    __tablename__ = "conference_meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    uid: Mapped[str] = mapped_column(String(255), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    bridge_id: Mapped[int] = mapped_column(ForeignKey("inventory_bridge.id"), index=True)
    call_kbps: Mapped[int]
    content_kbps: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(16))


class Point(Base):
    """A room in one meeting."""

    __tablename__ = "conference_point"
    __table_args__ = (UniqueConstraint("meeting_id", "room_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(ForeignKey("inventory_room.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    required: Mapped[bool]


class ReadinessRun(Base):
    """One look at a meeting; `verdict` and `ready` of `total` are what the first line says.

    `trigger` says why it was looked: by hand, or how long before the meeting.
    """

    __tablename__ = "conference_readiness_run"
    __table_args__ = (Index(None, "meeting_id", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)
    verdict: Mapped[str] = mapped_column(String(16))
    ready: Mapped[int]
    total: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(16), default="manual", server_default="manual")


class ReadinessCheck(Base):
    """What one check found; a row without a room is about the bridge."""

    __tablename__ = "conference_readiness_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("conference_readiness_run.id", ondelete="CASCADE"), index=True
    )
    room_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_room.id"), index=True)
    check: Mapped[str] = mapped_column(String(32))
    result: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(255))
    measured: Mapped[dict[str, Any]] = mapped_column(JSONText)


class Waiver(Base):
    """Somebody answers for a check of a room that does not pass, in one meeting, for a time."""

    __tablename__ = "conference_waiver"
    __table_args__ = (UniqueConstraint("meeting_id", "room_id", "check"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(ForeignKey("inventory_room.id"), index=True)
    check: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Alias(Base):
    """What somebody is called in conferences, in lower case: a room, by who wrote it down."""

    __tablename__ = "conference_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(String(255), unique=True)
    room_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_room.id", ondelete="CASCADE"), index=True
    )
    actor: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class IngestKey(Base):
    """What a bridge proves itself with when it tells by itself: the hash of its token."""

    __tablename__ = "conference_ingest_key"

    bridge_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_bridge.id", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Heard(Base):
    """How a bridge answered last; `good` is its last answer that was one, None before the first."""

    __tablename__ = "conference_heard"

    bridge_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_bridge.id", ondelete="CASCADE"), primary_key=True
    )
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255))
    good_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    good: Mapped[dict[str, Any] | None] = mapped_column(JSONText)


class Received(Base):
    """What a bridge told within the replay window, by its digest: told again, it is refused."""

    __tablename__ = "conference_received"
    __table_args__ = (UniqueConstraint("bridge_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bridge_id: Mapped[int] = mapped_column(ForeignKey("inventory_bridge.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Participant(Base):
    """Somebody in a conference; `room_id` is who that is by `match_method`, None when nobody knows.

    Joining again is another row. `counters` are the packets last counted by stream, from which the
    next window is reckoned.
    """

    __tablename__ = "conference_participant"
    __table_args__ = (UniqueConstraint("bridge_id", "remote_id", "joined_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bridge_id: Mapped[int] = mapped_column(ForeignKey("inventory_bridge.id"))
    conference: Mapped[str] = mapped_column(String(255))
    remote_id: Mapped[str] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(255))
    remote_uri: Mapped[str | None] = mapped_column(String(255))
    remote_ip: Mapped[str | None] = mapped_column(String(45))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("conference_meeting.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_room.id"), index=True)
    match_method: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leave_reason: Mapped[str] = mapped_column(String(100))
    counters: Mapped[dict[str, list[int]] | None] = mapped_column(JSONText)


class Window(Base):
    """One stream of a participant over twenty seconds; what the bridge did not tell is None.

    `direction` is `rx` from the room to the bridge and `tx` from the bridge to the room.
    """

    __tablename__ = "conference_window"
    __table_args__ = (UniqueConstraint("participant_id", "at", "direction", "media"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("conference_participant.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    direction: Mapped[str] = mapped_column(String(2))
    media: Mapped[str] = mapped_column(String(8))
    packets: Mapped[int | None]
    packets_lost: Mapped[int | None]
    loss_ratio: Mapped[float | None]
    jitter_seconds: Mapped[float | None]
    rtt_seconds: Mapped[float | None]
    bitrate_bps: Mapped[float | None]
    quality: Mapped[str] = mapped_column(String(16))
