"""Audits, what they found with the evidence for it, and the life of a finding: case and waiver."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class AuditRun(Base):
    """One pack judged over one configuration version of one device.

    The same version, facts, overrides, engine and pack give the same findings, byte for byte:
    `result_sha256` is their hash, the other hashes say which they were. `coverage` is None when
    the configuration could not be judged at all.
    """

    __tablename__ = "baselines_audit_run"
    __table_args__ = (Index(None, "device_id", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("playbooks_config_version.id"))
    pack: Mapped[str] = mapped_column(String(64))
    pack_sha256: Mapped[str] = mapped_column(String(64))
    engine: Mapped[str] = mapped_column(String(32))
    coverage: Mapped[float | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    overrides: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    result_sha256: Mapped[str] = mapped_column(String(64), default="")
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditFinding(Base):
    """What one rule said; `evidence` holds file hash, line numbers and the redacted excerpt."""

    __tablename__ = "baselines_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(
        ForeignKey("baselines_audit_run.id", ondelete="CASCADE"), index=True
    )
    rule_id: Mapped[str] = mapped_column(String(16), index=True)
    rule_version: Mapped[int]
    severity: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONText)


class Case(Base):
    """One failure of one rule on one device, from the first audit that saw it to its repair.

    Open while `closed_at` is empty; `due_at` ends its grace period.
    """

    __tablename__ = "baselines_case"
    __table_args__ = (Index(None, "device_id", "rule_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    rule_id: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    assignee: Mapped[str] = mapped_column(String(100), default="")
    change_id: Mapped[int | None] = mapped_column(ForeignKey("playbooks_change.id"))


class Waiver(Base):
    """One failure allowed for a time, with what makes up for it; in force once approved.

    `sha256` covers what is asked for; the scores are of the device, with and without it.
    """

    __tablename__ = "baselines_waiver"
    __table_args__ = (Index(None, "device_id", "rule_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    rule_id: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    score_before: Mapped[float | None]
    score_after: Mapped[float | None]
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Review(Base):
    """Who looked at a finding and at what proves it; holds while the finding is what `sha256` says.

    A finding of a later audit that says the same by the same lines is the same finding.
    """

    __tablename__ = "baselines_review"
    __table_args__ = (Index(None, "device_id", "rule_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id", ondelete="CASCADE"))
    rule_id: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(String(100))
    reviewed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Override(Base):
    """A parameter of a rule set otherwise here; in force while `ended_at` is empty."""

    __tablename__ = "baselines_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(16), index=True)
    parameter: Mapped[str] = mapped_column(String(32))
    value: Mapped[Any] = mapped_column(JSONText)
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Standing(Base):
    """A device's status from a time on, as baselines saw it: the inventory keeps only the last."""

    __tablename__ = "baselines_standing"

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class Answer(Base):
    """What somebody answered to a question of a pack about a unit or a system.

    It counts once another person accepted it, until `expires_at`. `sha256` covers the answer and
    the hashes of its evidence.
    """

    __tablename__ = "baselines_answer"
    __table_args__ = (Index(None, "question_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    question_id: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(80))
    verdict: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), index=True)


class Sheet(Base):
    """The annual data sheet of a year, frozen; `sha256` is the hash of `content`.

    It changes once, years later, when pseudonyms take the place of people: `frozen_sha256` is
    what the hash was until then, as signed copies bear it.
    """

    __tablename__ = "baselines_sheet"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(100))
    frozen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    frozen_sha256: Mapped[str | None] = mapped_column(String(64))


class Attachment(Base):
    """A file given as evidence, sealed in the blob store: of an answer, or a signed sheet."""

    __tablename__ = "baselines_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("baselines_answer.id"), index=True)
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("baselines_sheet.id"), index=True)
    filename: Mapped[str] = mapped_column(String(120))
    media: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    blob: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SelfAudit(Base):
    """One audit of hatang itself: its host, settings and accounts.

    `texts` are the blobs of what was judged, `sha256` the hashes of what may be shown of it, both
    by part; `packs` the hashes of the packs by name.
    """

    __tablename__ = "baselines_self_audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    finished_at: Mapped[datetime] = mapped_column(UTCDateTime)
    engine: Mapped[str] = mapped_column(String(32))
    packs: Mapped[dict[str, str]] = mapped_column(JSONText)
    sha256: Mapped[dict[str, str]] = mapped_column(JSONText)
    texts: Mapped[dict[str, str]] = mapped_column(JSONText)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONText)
    result_sha256: Mapped[str] = mapped_column(String(64))


class ServerScan(Base):
    """What OpenSCAP said of a server: the file is sealed in `blob`, `sha256` is its hash."""

    __tablename__ = "baselines_server_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("scope.id"), index=True)
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id", ondelete="CASCADE"), index=True
    )
    benchmark: Mapped[str] = mapped_column(String(200))
    profile: Mapped[str] = mapped_column(String(200))
    target: Mapped[str] = mapped_column(String(500))
    scanner: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)
    findings: Mapped[list[dict[str, str]]] = mapped_column(JSONText)
    sha256: Mapped[str] = mapped_column(String(64))
    blob: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
