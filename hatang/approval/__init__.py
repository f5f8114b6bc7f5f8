"""Approval: who asked never decides, and what was approved is exactly what is done."""

from __future__ import annotations

from hatang.approval.models import Approval
from hatang.approval.service import (
    State,
    Subject,
    break_glass,
    decide,
    expire,
    get,
    request,
    require_approved,
    review,
    state_of,
    unreviewed,
    void,
    withdraw,
)

__all__ = [
    "Approval",
    "State",
    "Subject",
    "break_glass",
    "decide",
    "expire",
    "get",
    "request",
    "require_approved",
    "review",
    "state_of",
    "unreviewed",
    "void",
    "withdraw",
]
