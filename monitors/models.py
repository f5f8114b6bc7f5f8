"""What the monitors keep: transitions, the current state of elements, and a sign of life."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from monitors.elements import MAX_NAME


class TransitionRow(Base):
    """One change of state; `monitor`, `epoch` and `sequence` make a repeated flush harmless."""

    __tablename__ = "monitors_transition"
    __table_args__ = (
        UniqueConstraint("monitor", "epoch", "sequence"),
        Index(None, "element", "at"),
        Index(None, "scope_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[str] = mapped_column(String(32))
    sequence: Mapped[int]
    element: Mapped[str] = mapped_column(String(255))
    scope_id: Mapped[int | None]
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONText)


class ElementRow(Base):
    """The current state of an element, as good as its monitor's last sign of life.

    `owner` is the stable device key, or the code of a service.
    """

    __tablename__ = "monitors_element"
    __table_args__ = (Index(None, "kind", "owner"), Index(None, "scope_id"))

    element: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    monitor: Mapped[str] = mapped_column(String(64))
    scope_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class HeartbeatRow(Base):
    """When a monitor last flushed; states older than this are stale, whatever they say.

    `address` (host:port) is where it is scraped, `devices` how many it watches.
    """

    __tablename__ = "monitors_heartbeat"

    monitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(255), default="", server_default="")
    devices: Mapped[int] = mapped_column(default=0, server_default="0")


class SilenceRow(Base):
    """From a monitor's last sign of life to the next: the states it kept held for nobody."""

    __tablename__ = "monitors_silence"

    id: Mapped[int] = mapped_column(primary_key=True)
    monitor: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class RollupRow(Base):
    """What a day's measurements of one thing come to; `hours` are its 24 averages.

    `samples` of `expected` were taken: what is missing is a gap, and no average hides it.
    `hours_percentile95` are the 24 95th percentiles, None in rows older than that figure.
    `is_whole` says that the day was over when it was written.
    """

    __tablename__ = "monitors_rollup"
    __table_args__ = (UniqueConstraint("kind", "key", "metric", "day"), Index(None, "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(128))
    metric: Mapped[str] = mapped_column(String(32))
    day: Mapped[date] = mapped_column(Date)
    samples: Mapped[int]
    expected: Mapped[int]
    average: Mapped[float | None]
    percentile95: Mapped[float | None]
    maximum: Mapped[float | None]
    hours: Mapped[list[float | None]] = mapped_column(JSONText)
    hours_percentile95: Mapped[list[float | None] | None] = mapped_column(JSONText)
    source: Mapped[str] = mapped_column(String(64))
    is_whole: Mapped[bool]


class HintRow(Base):
    """What a device said unasked, `count` times between `at` and `last_at`.

    `rule` says by which rule of which file it was understood, `detail` what it said itself;
    `is_verified` that a monitor took it up and measures.
    """

    __tablename__ = "monitors_hint"
    __table_args__ = (Index(None, "scope_id", "last_at"), Index(None, "last_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    owner: Mapped[str] = mapped_column(String(128))
    element: Mapped[str] = mapped_column(String(255))
    scope_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONText)
    count: Mapped[int]
    is_verified: Mapped[bool]
