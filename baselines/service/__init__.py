"""Audits: judge what the vault holds, keep the findings with their evidence, add them up."""

from __future__ import annotations

from baselines.service.auditing import Audited, audit_device, audit_devices
from baselines.service.reading import (
    FindingRow,
    Score,
    get_findings,
    list_findings,
    score,
)

__all__ = [
    "Audited",
    "FindingRow",
    "Score",
    "audit_device",
    "audit_devices",
    "get_findings",
    "list_findings",
    "score",
]
