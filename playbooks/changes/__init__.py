"""Change sets: draft, plan, approval of exactly the plan, push with a way back, evidence."""

from __future__ import annotations

from playbooks.changes.composing import (
    Intended,
    Removal,
    Restore,
    Rotation,
    Snippet,
    Source,
    Standard,
    Stored,
    Template,
    Wanted,
    drafted,
    preview,
)
from playbooks.changes.evidence import bundle, verify_bundle
from playbooks.changes.freezing import Freeze, freeze, list_freezes, thaw
from playbooks.changes.intervening import cancel, pause, resume, retry, roll_back
from playbooks.changes.lines import LineRow
from playbooks.changes.listing import list_changes, list_doubts, list_unreviewed
from playbooks.changes.planning import Draft, create, plan
from playbooks.changes.reading import get_change, get_head, list_lines, require_visible
from playbooks.changes.release import break_glass, decide, execute, review, submit
from playbooks.changes.removing import LeftUser, list_left
from playbooks.changes.rollout import Rollout
from playbooks.changes.rows import (
    ApprovalRow,
    ChangeDetail,
    CheckRow,
    DiffGroup,
    PreviewGroup,
    TargetRow,
)
from playbooks.changes.selecting import Selection
from playbooks.changes.standard import (
    StandardDraft,
    StandardRow,
    decide_standard,
    define,
    list_standards,
    withdraw_standard,
)
from playbooks.changes.windows import Window

__all__ = [
    "ApprovalRow",
    "ChangeDetail",
    "CheckRow",
    "DiffGroup",
    "Draft",
    "Freeze",
    "Intended",
    "LeftUser",
    "LineRow",
    "PreviewGroup",
    "Removal",
    "Restore",
    "Rollout",
    "Rotation",
    "Selection",
    "Snippet",
    "Source",
    "Standard",
    "StandardDraft",
    "StandardRow",
    "Stored",
    "TargetRow",
    "Template",
    "Wanted",
    "Window",
    "break_glass",
    "bundle",
    "cancel",
    "create",
    "decide",
    "decide_standard",
    "define",
    "drafted",
    "execute",
    "freeze",
    "get_change",
    "get_head",
    "list_changes",
    "list_doubts",
    "list_freezes",
    "list_left",
    "list_lines",
    "list_standards",
    "list_unreviewed",
    "pause",
    "plan",
    "preview",
    "require_visible",
    "resume",
    "retry",
    "review",
    "roll_back",
    "submit",
    "thaw",
    "verify_bundle",
    "withdraw_standard",
]
