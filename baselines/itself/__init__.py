"""hatang's own host, settings and accounts, judged as any device is: the first that is audited."""

from __future__ import annotations

from baselines.itself.auditing import (
    JOB,
    ask,
    audit_asked,
    audit_due,
    audit_self,
    due,
    latest,
)
from baselines.itself.rows import SelfFinding, SelfReport

__all__ = [
    "JOB",
    "SelfFinding",
    "SelfReport",
    "ask",
    "audit_asked",
    "audit_due",
    "audit_self",
    "due",
    "latest",
]
