"""Audits: judge what the vault holds, keep the findings with their evidence, add them up."""

from __future__ import annotations

from baselines.service.accounts import AccountRow, review_accounts
from baselines.service.answering import (
    AnswerRow,
    QuestionRow,
    Reply,
    answer,
    attachment,
    decide_answer,
    list_answers,
    list_questions,
)
from baselines.service.attaching import AttachmentRow, File
from baselines.service.auditing import Audited, audit_device, audit_devices
from baselines.service.bundles import bundle, verify_bundle
from baselines.service.cases import CaseRow, assign, list_cases, propose_fix
from baselines.service.found import FindingRow
from baselines.service.overriding import (
    OverrideRow,
    end_override,
    list_overrides,
    set_override,
)
from baselines.service.posture import By, Point, PostureRow, draw, members, posture, trend
from baselines.service.reading import (
    WHOLE,
    Part,
    Score,
    get_findings,
    list_findings,
    score,
)
from baselines.service.rechecking import reproduce, stale_devices
from baselines.service.repairs import RepairRow, repairs
from baselines.service.reviewing import review
from baselines.service.sheets import (
    SheetRow,
    due_year,
    freeze,
    get_sheet,
    is_frozen,
    keep_signed,
    list_sheets,
    preview,
    window,
    written,
)
from baselines.service.waiving import WaiverRow, Wish, decide, end, list_waivers, request

__all__ = [
    "WHOLE",
    "AccountRow",
    "AnswerRow",
    "AttachmentRow",
    "Audited",
    "By",
    "CaseRow",
    "File",
    "FindingRow",
    "OverrideRow",
    "Part",
    "Point",
    "PostureRow",
    "QuestionRow",
    "RepairRow",
    "Reply",
    "Score",
    "SheetRow",
    "WaiverRow",
    "Wish",
    "answer",
    "assign",
    "attachment",
    "audit_device",
    "audit_devices",
    "bundle",
    "decide",
    "decide_answer",
    "draw",
    "due_year",
    "end",
    "end_override",
    "freeze",
    "get_findings",
    "get_sheet",
    "is_frozen",
    "keep_signed",
    "list_answers",
    "list_cases",
    "list_findings",
    "list_overrides",
    "list_questions",
    "list_sheets",
    "list_waivers",
    "members",
    "posture",
    "preview",
    "propose_fix",
    "repairs",
    "reproduce",
    "request",
    "review",
    "review_accounts",
    "score",
    "set_override",
    "stale_devices",
    "trend",
    "verify_bundle",
    "window",
    "written",
]
