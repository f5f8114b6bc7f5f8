"""Tables of alerts: what was heard, what is wrong, who took it, and what was sent on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime

Labels = dict[str, str]


class Alert(Base):
    """What one sender last said about one alert; `ends_at` is when its word lapses."""

    __tablename__ = "alerts_alert"
    __table_args__ = (UniqueConstraint("sender", "fingerprint"), Index(None, "fingerprint"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(16))
    labels: Mapped[Labels] = mapped_column(JSONText)
    annotations: Mapped[Labels] = mapped_column(JSONText)
    element: Mapped[str | None] = mapped_column(String(255), index=True)
    generator_url: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Incident(Base):
    """One outage. `labels` are written before the first forward and never change again;
    `first_forwarded_at` is when an Alertmanager first took it.

    `origin` is the element the incident was opened for, `origin_name` what people call it once
    `fault` and `element` moved upwards.
    `parts` are the faults that a common cause, which nothing measures, was inferred from.
    """

    __tablename__ = "alerts_incident"
    __table_args__ = (Index(None, "state", "opened_at"), Index(None, "scope_id", "opened_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    fault: Mapped[str] = mapped_column(String(300), index=True)
    element: Mapped[str] = mapped_column(String(255))
    origin: Mapped[str] = mapped_column(String(255))
    origin_name: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    site: Mapped[str] = mapped_column(String(64), default="")
    alertname: Mapped[str] = mapped_column(String(100))
    severity: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    scope_id: Mapped[int | None]
    is_verified: Mapped[bool]
    labels: Mapped[Labels | None] = mapped_column(JSONText)
    bad_since: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    first_forwarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    parts: Mapped[list[str]] = mapped_column(JSONText, default=list, server_default="[]")


class IncidentEffect(Base):
    """An element that suffers from an incident's cause; withheld from notification."""

    __tablename__ = "alerts_incident_effect"

    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), primary_key=True)
    element: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(255))
    site: Mapped[str] = mapped_column(String(64))
    scope_id: Mapped[int | None]
    people: Mapped[int]
    impact: Mapped[str] = mapped_column(String(16))


class IncidentEvent(Base):
    """One line of an incident's timeline."""

    __tablename__ = "alerts_incident_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONText)


class Pending(Base):
    """A fault that waits out its hold-down; kept so that a restart loses no second of it."""

    __tablename__ = "alerts_pending"

    fault: Mapped[str] = mapped_column(String(300), primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class Check(Base):
    """What the last live look at an element showed."""

    __tablename__ = "alerts_check"

    element: Mapped[str] = mapped_column(String(255), primary_key=True)
    health: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Maintenance(Base):
    """Announced work: what begins in the window on these elements is not forwarded."""

    __tablename__ = "alerts_maintenance"
    __table_args__ = (Index(None, "starts_at", "ends_at"), Index(None, "scope_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    elements: Mapped[list[str]] = mapped_column(JSONText)
    scope_id: Mapped[int | None]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(String(100))
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    series_id: Mapped[int | None] = mapped_column(
        ForeignKey("alerts_maintenance_series.id"), index=True
    )
    notice: Mapped[str] = mapped_column(Text, default="", server_default="")


class MaintenanceSeries(Base):
    """Work that comes again by `rule`; each time is a row of `Maintenance`, written at once."""

    __tablename__ = "alerts_maintenance_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    scope_id: Mapped[int | None] = mapped_column(index=True)
    rule: Mapped[dict[str, Any]] = mapped_column(JSONText)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Ticket(Base):
    """What a carrier or power company said: its ticket's number and when it promised to be done.

    A row is never changed; the latest of a `party` holds, those before it are the history.
    """

    __tablename__ = "alerts_ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), index=True)
    party: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(100))
    promised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Handover(Base):
    """A shift handed to the next: the summary as both read it, from `since` until `at`.

    Lines of the summary carry their scope, so that each reader sees his own.
    """

    __tablename__ = "alerts_handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(100))
    receiver_id: Mapped[int]
    receiver: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONText)


class Acknowledgement(Base):
    """Who took an incident, until when; Alertmanager's silence only mirrors this row.

    The latest of an incident holds; taking over, handing over and releasing end those before.
    """

    __tablename__ = "alerts_acknowledgement"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), index=True)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Silence(Base):
    """A silence asked for through hatang's Alertmanager door, by amtool or Karma for instance."""

    __tablename__ = "alerts_silence"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    matchers: Mapped[list[dict[str, Any]]] = mapped_column(JSONText)
    created_by: Mapped[str] = mapped_column(String(100))
    comment: Mapped[str] = mapped_column(Text)
    annotations: Mapped[Labels] = mapped_column(JSONText, default=dict)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Escalation(Base):
    """That nobody took an incident in time: from `at` on the people of that level are told too."""

    __tablename__ = "alerts_escalation"

    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Forward(Base):
    """The ledger: what one Alertmanager was told about one incident, or (level ≥ 1) escalation.

    `silence_id` is the mirror of an acknowledgement there; it must be gone before a resolve goes.
    """

    __tablename__ = "alerts_forward"

    incident_id: Mapped[int] = mapped_column(ForeignKey("alerts_incident.id"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, default=0, autoincrement=False)
    alertmanager: Mapped[str] = mapped_column(String(255), primary_key=True)
    fired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    silence_id: Mapped[str] = mapped_column(String(36), default="")
    silence_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(Text, default="")


class Delivery(Base):
    """How one kind of receiver fares at one Alertmanager, by its own counters.

    `integration` is Alertmanager's word (`webhook`, `email`); empty stands for itself, of which
    only `error` and `failing_since` are known.
    """

    __tablename__ = "alerts_delivery"

    alertmanager: Mapped[str] = mapped_column(String(255), primary_key=True)
    integration: Mapped[str] = mapped_column(String(64), primary_key=True)
    sent: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(Text, default="")


class Lease(Base):
    """Who leads a duty (`step`, `forward`) and until when."""

    __tablename__ = "alerts_lease"

    duty: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
