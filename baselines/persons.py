"""Who reviewed, answered and decided, and the people named in frozen annual sheets."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_

from baselines.models import Answer, Attachment, Case, Override, Review, ServerScan, Sheet
from baselines.service.sheets import written
from hatang import audit
from hatang.audit import AuditSeal
from hatang.audit.persons import number_pseudonym, pseudonym
from hatang.auth import Actor
from hatang.db.equipment import equipment
from hatang.persons import Held, Holder, hold

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hatang.db import WriteSession


class _Sheets(Holder):
    """Contacts in frozen sheets: names, numbers and addresses.

    The hash at freezing stays beside the new one, and the audit log says which became which.
    """

    def naming(self, before: datetime) -> ColumnElement[bool]:
        return and_(Sheet.frozen_at < before, Sheet.frozen_sha256.is_(None))

    def rewriter(self, session: WriteSession) -> Callable[[Any], None]:
        key = equipment(session, AuditSeal).key

        def rewrite(row: Sheet) -> None:
            content = nameless(row.content, key)
            row.frozen_sha256, row.content = row.sha256, content
            row.sha256 = hashlib.sha256(content.encode()).hexdigest()
            detail = {"from": row.frozen_sha256, "to": row.sha256}
            by = Actor.system("retention")
            audit.record(session, by, "retention.pseudonymise", f"sheet/{row.year}", detail)

        return rewrite


def nameless(content: str, key: bytes) -> str:
    """Return a frozen sheet with pseudonyms for its contacts; functions and units stay."""
    found = json.loads(content)
    name, number = partial(pseudonym, key), partial(number_pseudonym, key)
    for one in found["contacts"]:
        for field, hide in (("name", name), ("phone", number), ("mail", number)):
            value: Any = one[field]
            one[field] = hide(value) if value else value
    return written(found)


hold(_Sheets("baselines.sheets", Sheet.id))
hold(Held("baselines.sheet-authors", Sheet.id, Sheet.frozen_at, (Sheet.author,)))
hold(Held("baselines.reviews", Review.id, Review.reviewed_at, (Review.reviewer,)))
hold(Held("baselines.overrides", Override.id, Override.ended_at, (Override.author,)))
hold(Held("baselines.answers", Answer.id, Answer.created_at, (Answer.author,)))
hold(Held("baselines.cases", Case.id, Case.closed_at, (Case.assignee,)))
hold(Held("baselines.attachments", Attachment.id, Attachment.created_at, (Attachment.author,)))
hold(Held("baselines.server-scans", ServerScan.id, ServerScan.created_at, (ServerScan.author,)))
