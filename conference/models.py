"""Meetings, their points, and what was found about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
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
    """One look at a meeting; `verdict` and `ready` of `total` are what the first line says."""

    __tablename__ = "conference_readiness_run"
    __table_args__ = (Index(None, "meeting_id", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("conference_meeting.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)
    verdict: Mapped[str] = mapped_column(String(16))
    ready: Mapped[int]
    total: Mapped[int]


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
