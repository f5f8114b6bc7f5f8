"""Audit: who did or was denied what, in a chain that shows when it was touched."""

from __future__ import annotations

from hatang.audit.log import Outcome, Person, record, record_denied
from hatang.audit.models import AuditEntry

__all__ = ["AuditEntry", "Outcome", "Person", "record", "record_denied"]
