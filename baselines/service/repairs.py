"""How long failures stood until an audit passed, by how much they matter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, true

from baselines.choices import Severity
from baselines.models import Case
from baselines.service import standing
from baselines.service.reading import WHOLE
from hatang import scope
from hatang.auth import Permission
from inventory.models import Device

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from baselines.service.reading import Part
    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class RepairRow:
    """Failures of one severity between two times; the seconds are of those repaired in it.

    Median and 90th percentile are by nearest rank, a time that was measured; None where nothing
    was repaired. `standing` and `overdue` are at the end.
    """

    severity: str
    opened: int
    repaired: int
    median_seconds: float | None
    p90_seconds: float | None
    standing: int
    overdue: int


def repairs(
    session: AnySession, actor: Actor, since: datetime, until: datetime, part: Part = WHOLE
) -> list[RepairRow]:
    """Return the times to repair between `since` and `until`, a row a severity, the worst first."""
    acting = actor.acting(Permission.BASELINE_READ)
    statement = (
        select(Case.severity, Case.opened_at, Case.due_at, Case.closed_at)
        .join(Device, Device.id == Case.device_id)
        .where(
            scope.visible(acting, Case.scope_id),
            part.devices,
            Case.rule_id == part.rule if part.rule else true(),
            Case.opened_at <= until,
            or_(Case.closed_at.is_(None), Case.closed_at >= since),
            or_(Case.closed_at.is_not(None), standing.counts(until)),
        )
    )
    found: dict[str, list[tuple[datetime, datetime, datetime | None]]] = {}
    for severity, opened, due, closed in session.execute(statement):
        found.setdefault(severity, []).append((opened, due, closed))
    return [_row(one.value, found.get(one.value, []), since, until) for one in Severity]


def _row(
    severity: str,
    cases: Sequence[tuple[datetime, datetime, datetime | None]],
    since: datetime,
    until: datetime,
) -> RepairRow:
    taken = sorted(
        (closed - opened).total_seconds()
        for opened, _due, closed in cases
        if closed is not None and closed <= until
    )
    open_due = [due for _opened, due, closed in cases if closed is None or closed > until]
    return RepairRow(
        severity,
        opened=sum(1 for opened, _due, _closed in cases if opened >= since),
        repaired=len(taken),
        median_seconds=_rank(taken, 0.5),
        p90_seconds=_rank(taken, 0.9),
        standing=len(open_due),
        overdue=sum(1 for due in open_due if due < until),
    )


def _rank(sorted_values: Sequence[float], share: float) -> float | None:
    if not sorted_values:
        return None
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]
