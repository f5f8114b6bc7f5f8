"""Reviewing a finding: a person looked at it and at its evidence, and says so by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baselines.models import Review
from baselines.service.reading import get_findings
from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, NotFoundError
from inventory import service as inventory

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import WriteSession


def review(
    session: WriteSession, actor: Actor, finding: tuple[str, str], sha256: str, note: str = ""
) -> None:
    """Say that the actor looked at a `finding`, device and rule, as it was shown to him.

    Raises:
        NotFoundError: no audit of that device judged that rule.
        DeniedError: the actor may not review there.
        ConflictError: it is no longer what he looked at.
    """
    name, rule = finding
    acting = actor.acting(Permission.WAIVER_APPROVE)
    device = inventory.get_device(session, actor, name)
    if not scope.reaches(session, acting, device.scope_id):
        raise DeniedError(f"{actor.name} may not review findings of {name}")
    row = next((one for one in get_findings(session, actor, name) if one.rule_id == rule), None)
    if row is None:
        raise NotFoundError(f"no audit of {name} judged {rule[:16]}")
    if row.sha256 != sha256:
        raise ConflictError(
            f"the finding {rule} of {name} is no longer what was looked at",
            fix="Look at it again, then review it.",
        )
    session.add(
        Review(
            scope_id=device.scope_id,
            device_id=device.id,
            rule_id=rule,
            sha256=sha256,
            note=note,
            reviewer=actor.name,
            reviewed_at=clock.now(),
        )
    )
    detail = {"rule": rule, "audit": row.run_id, "text": row.evidence["sha256"], "sha256": sha256}
    audit.record(session, actor, "baseline.review", f"device/{device.id}", detail)
