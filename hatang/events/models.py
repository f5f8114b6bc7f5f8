"""The outbox: what happened, how far each consumer read, and what it could not digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class Event(Base):
    """Something that happened, written in the transaction that made it happen."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_topic_id", "topic", "id"),
        Index("ix_event_created_at", "created_at"),
        {"sqlite_autoincrement": True},  # an id must never come back after retention
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class EventOffset(Base):
    """How far a consumer read; `attempts` counts failures on the event right after `position`."""

    __tablename__ = "event_offset"

    consumer: Mapped[str] = mapped_column(String(100), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)


class EventParked(Base):
    """An event a consumer failed on too often; kept with its error until somebody looks."""

    __tablename__ = "event_parked"

    consumer: Mapped[str] = mapped_column(String(100), primary_key=True)
    event_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    topic: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONText)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    parked_at: Mapped[datetime] = mapped_column(UTCDateTime)
