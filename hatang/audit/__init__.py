"""Audit: who did or was denied what, in a chain that shows when it was touched."""

from __future__ import annotations

from hatang.audit.chain import AuditSeal, Head, HeadFile
from hatang.audit.denials import UnauthenticatedDenials
from hatang.audit.log import Outcome, Person, record, record_denied
from hatang.audit.models import AuditEntry
from hatang.audit.verification import Break, BreakKind, verify

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "Break",
    "BreakKind",
    "Head",
    "HeadFile",
    "Outcome",
    "Person",
    "UnauthenticatedDenials",
    "record",
    "record_denied",
    "verify",
]
