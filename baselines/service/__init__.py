"""Audits: judge what the vault holds, keep the findings with their evidence, add them up."""

from __future__ import annotations

from baselines.service.auditing import Audited, audit_device, audit_devices
from baselines.service.bundles import bundle, verify_bundle
from baselines.service.cases import CaseRow, assign, list_cases, propose_fix
from baselines.service.overriding import (
    OverrideRow,
    end_override,
    list_overrides,
    set_override,
)
from baselines.service.reading import (
    FindingRow,
    Score,
    get_findings,
    list_findings,
    score,
)
from baselines.service.rechecking import reproduce, stale_devices
from baselines.service.waiving import WaiverRow, Wish, decide, end, list_waivers, request

__all__ = [
    "Audited",
    "CaseRow",
    "FindingRow",
    "OverrideRow",
    "Score",
    "WaiverRow",
    "Wish",
    "assign",
    "audit_device",
    "audit_devices",
    "bundle",
    "decide",
    "end",
    "end_override",
    "get_findings",
    "list_cases",
    "list_findings",
    "list_overrides",
    "list_waivers",
    "propose_fix",
    "reproduce",
    "request",
    "score",
    "set_override",
    "stale_devices",
    "verify_bundle",
]
