"""Rows about jobs in our own database: their mirror for people, leases, workers' heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class JobRun(Base):
    """A job as API and UI show it; the engine's own tables decide, this row mirrors them."""

    __tablename__ = "job_run"
    __table_args__ = (
        Index("ix_job_run_state_created_at", "state", "created_at"),
        Index("ix_job_run_name_created_at", "name", "created_at"),
    )

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    queue: Mapped[str] = mapped_column(String(20))
    partition: Mapped[str | None] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(200))
    args: Mapped[dict[str, Any]] = mapped_column(JSONText)
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int | None] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(String(500), default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(30), default="")
    executor: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class JobLease(Base):
    """Who may write to a thing now; `fence` grows with every grant, so an old holder is known."""

    __tablename__ = "job_lease"

    resource: Mapped[str] = mapped_column(String(200), primary_key=True)
    holder: Mapped[str] = mapped_column(String(200), default="")
    fence: Mapped[int] = mapped_column(Integer, default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ExecutorHeartbeat(Base):
    """The last sign of life of a worker, by the database's clock where it has one."""

    __tablename__ = "executor_heartbeat"

    executor: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
