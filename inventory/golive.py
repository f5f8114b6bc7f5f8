"""What stands before operation: a device or service goes live only where the gates let it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import gates
from hatang.errors import InvalidInputError, Problem
from hatang.gates import Verdict
from inventory.choices import ElementKind
from inventory.planning import spelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import AnySession
    from inventory.planning import ImportPlan

LIVE: Final = "active"
_GATED: Final = frozenset({ElementKind.DEVICE, ElementKind.SERVICE})
_GOOD: Final = frozenset({Verdict.PASS, Verdict.WAIVED})
_FIX: Final = "Put it right and audit again, or let another person approve a waiver."


def require(session: AnySession, plan: ImportPlan) -> None:
    """Refuse a plan by which something goes live against a gate; raises InvalidInputError."""
    if problems := list(_refused(session, plan)):
        raise InvalidInputError(problems)


def _refused(session: AnySession, plan: ImportPlan) -> Iterator[Problem]:
    standing = gates.all_of(gates.STATUS)
    for row in plan.changed:
        status = row.fields.get("status")
        if row.kind not in _GATED or status is None or status.after != LIVE:
            continue
        for gate in standing:
            for found in gate.check(session, spelt(row.ref), LIVE):
                if found.verdict not in _GOOD:
                    said = f"cannot go live: {found.element}, {found.reason}"
                    yield Problem(plan.filename, "status", row.key, said, _FIX)
