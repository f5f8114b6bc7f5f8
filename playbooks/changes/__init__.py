"""Change sets: draft, plan, approval of exactly the plan, push with a way back, evidence."""

from __future__ import annotations

from playbooks.changes.planning import Draft, create, plan
from playbooks.changes.reading import get_change, list_changes
from playbooks.changes.release import decide, execute, submit
from playbooks.changes.rows import ChangeDetail, ChangeRow, DiffGroup, TargetRow

__all__ = [
    "ChangeDetail",
    "ChangeRow",
    "DiffGroup",
    "Draft",
    "TargetRow",
    "create",
    "decide",
    "execute",
    "get_change",
    "list_changes",
    "plan",
    "submit",
]
