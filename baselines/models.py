"""Audits, and what they found with the evidence for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class AuditRun(Base):
    """One pack judged over one configuration version of one device.

    The same version, engine and pack give the same findings; the hashes say which they were.
    `coverage` is None when the configuration could not be judged at all.
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
