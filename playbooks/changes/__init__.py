"""Change sets: draft, plan, approval of exactly the plan, push with a way back, evidence."""

from __future__ import annotations

from playbooks.changes.listing import list_changes, list_doubts
from playbooks.changes.planning import Draft, create, plan
from playbooks.changes.reading import get_change
from playbooks.changes.release import cancel, decide, execute, submit
from playbooks.changes.rows import ChangeDetail, ChangeRow, DiffGroup, DoubtRow, TargetRow

__all__ = [
    "ChangeDetail",
    "ChangeRow",
    "DiffGroup",
    "DoubtRow",
    "Draft",
    "TargetRow",
    "cancel",
    "create",
    "decide",
    "execute",
    "get_change",
    "list_changes",
    "list_doubts",
    "plan",
    "submit",
]
