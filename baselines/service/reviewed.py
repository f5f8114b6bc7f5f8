"""Who reviewed a finding, shown while the finding is what it was when it was looked at."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from baselines.models import Review
from hatang import clock, scope
from hatang.auth import Permission
from hatang.gates import Verdict
from inventory.models import Device

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from baselines.service.found import FindingRow
    from hatang.auth import Actor
    from hatang.db import AnySession

ASKED_FOR: Final = 500
"""Names of devices in one question to the database; of more all are asked for."""


def digest(row: FindingRow) -> str:
    """Return the hash of what a finding says and of the lines that prove it, wherever they stand.

    A waiver allows a failure and changes nothing of it.
    """
    verdict = Verdict.FAIL if row.verdict == Verdict.WAIVED else row.verdict
    content: dict[str, Any] = {
        "device": row.device,
        "rule": row.rule_id,
        "version": row.rule_version,
        "verdict": verdict,
        "reason": row.reason,
        "excerpt": [text for _number, text in row.evidence.get("excerpt", ())],
        "lines": len(row.evidence.get("lines", ())),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def with_reviews(
    session: AnySession, actor: Actor, rows: Sequence[FindingRow], at: datetime | None = None
) -> tuple[FindingRow, ...]:
    """Return the findings with who reviewed each last, by `at`, as it stands."""
    if not rows:
        return ()
    found = _reviews(session, actor, {row.device for row in rows}, at)
    done = []
    for one in rows:
        sha256 = digest(one)
        last = found.get((one.device, one.rule_id, sha256))
        row = replace(one, sha256=sha256)
        if last is not None:
            row = replace(row, reviewed_by=last.reviewer, reviewed_at=last.reviewed_at)
        done.append(row)
    return tuple(done)


def _reviews(
    session: AnySession, actor: Actor, names: Iterable[str], at: datetime | None
) -> dict[tuple[str, str, str], Review]:
    acting = actor.acting(Permission.BASELINE_READ)
    statement = (
        select(Device.name, Review)
        .join(Device, Device.id == Review.device_id)
        .where(scope.visible(acting, Review.scope_id), Review.reviewed_at <= (at or clock.now()))
        .order_by(Review.id)
    )
    wanted = sorted(names)
    if len(wanted) <= ASKED_FOR:
        statement = statement.where(Device.name.in_(wanted))
    found = session.execute(statement).all()
    return {(name, one.rule_id, one.sha256): one for name, one in found}
