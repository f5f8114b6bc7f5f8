"""Single change sets with their differences, as an actor may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hatang import approval, blobs
from hatang.errors import NotFoundError
from inventory import platforms
from inventory.models import Device
from playbooks.changes.health import GOOD
from playbooks.changes.lines import LineRow, lines_of, newest_lines
from playbooks.changes.listing import change_row, visible
from playbooks.changes.rotating import shown_origin
from playbooks.changes.rows import (
    ApprovalRow,
    ChangeDetail,
    ChangeRow,
    CheckRow,
    DiffGroup,
    Spread,
    TargetRow,
)
from playbooks.choices import Moment
from playbooks.models import Change, ChangeCheck, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Row

    from hatang.auth import Actor
    from hatang.db import AnySession


def require_visible(session: AnySession, actor: Actor, change_id: int) -> None:
    """Return when the actor may know of the change; raises NotFoundError otherwise."""
    known = visible(actor).where(Change.id == change_id).with_only_columns(Change.id)
    if session.scalar(known) is None:
        raise NotFoundError(f"there is no change {change_id}")


def get_head(session: AnySession, actor: Actor, change_id: int) -> ChangeRow:
    """Return where a change stands, without its devices and differences; raises NotFoundError."""
    return change_row(*_found(session, actor, change_id))


def get_change(session: AnySession, actor: Actor, change_id: int) -> ChangeDetail:
    """Return one change set with its differences; raises NotFoundError."""
    found = _found(session, actor, change_id)
    targets = session.execute(
        select(ChangeTarget, Device.name, Device.platform)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(ChangeTarget.change_id == change_id)
        .order_by(ChangeTarget.wave, Device.name)
    ).all()
    change: Change = found[0]
    return ChangeDetail(
        change_row(*found),
        tuple(_target(target, device) for target, device, _platform in targets),
        _groups(session, targets),
        Spread(
            canary=change.canary,
            batch=change.batch,
            per_site=change.per_site,
            soak_seconds=change.soak_seconds,
            is_gated=change.is_gated,
            is_replace=change.is_replace,
            origin=shown_origin(change),
        ),
        change.impact,
        tuple(_approvals(session, change)),
        tuple(checks_of(session, change_id, only_bad=True)),
    )


def _found(session: AnySession, actor: Actor, change_id: int) -> Any:  # noqa: ANN401 RUF100 - a row
    found = session.execute(visible(actor).where(Change.id == change_id)).first()
    if found is None:
        raise NotFoundError(f"there is no change {change_id}")
    return found


def list_lines(
    session: AnySession, actor: Actor, change_id: int, after: int = 0, *, newest: int = 0
) -> list[LineRow]:
    """Return what happened to a change behind the line `after`, or its `newest` lines so many.

    Oldest first; raises NotFoundError.
    """
    require_visible(session, actor, change_id)
    if newest:
        return newest_lines(session, change_id, newest)
    return lines_of(session, change_id, after)


def _groups(
    session: AnySession, targets: Iterable[Row[ChangeTarget, str, str]]
) -> tuple[DiffGroup, ...]:
    # Equal texts stand under one address: each is read once, however many devices get it.
    alike: dict[tuple[str, str | None, str], list[str]] = {}
    for target, device, platform in targets:
        alike.setdefault((target.rendered, target.diff, platform), []).append(device)
    groups: dict[tuple[str, str], list[str]] = {}
    for (rendered, diff, platform), devices in alike.items():
        redact = platforms.get(platform).redact
        text = redact(blobs.get(session, rendered).decode())
        told = "" if diff is None else redact(blobs.get(session, diff).decode())
        groups.setdefault((text, told), []).extend(devices)
    return tuple(
        DiffGroup(rendered, diff, tuple(sorted(devices)))
        for (rendered, diff), devices in groups.items()
    )


def _approvals(session: AnySession, change: Change) -> Iterable[ApprovalRow]:
    for number in (change.approval_id, change.second_approval_id):
        if number is None:
            continue
        row = approval.get(session, number)
        yield ApprovalRow(
            id=row.id,
            state=approval.state_of(row),
            requester=row.requester,
            reason=row.reason,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            comment=row.comment,
            expires_at=row.expires_at,
            is_break_glass=row.is_break_glass,
            reviewed_by=row.reviewed_by,
            review=row.review,
        )


def checks_of(session: AnySession, change_id: int, *, only_bad: bool) -> list[CheckRow]:
    """Return what was measured around each wave, the waves in order."""
    found: dict[tuple[int, int, str, str], dict[str, ChangeCheck]] = {}
    rows = select(ChangeCheck).where(ChangeCheck.change_id == change_id)
    for row in session.scalars(rows.order_by(ChangeCheck.round, ChangeCheck.wave, ChangeCheck.id)):
        key = row.round, row.wave, row.element, row.source
        found.setdefault(key, {})[row.moment] = row
    checks = []
    for (number, wave, element, _source), pair in found.items():
        before, after = pair.get(Moment.BEFORE), pair.get(Moment.AFTER)
        is_bad = before is not None and before.verdict in GOOD
        is_bad = is_bad and after is not None and after.verdict not in GOOD
        if only_bad and not is_bad:
            continue
        last = after or before
        checks.append(
            CheckRow(
                wave=wave,
                round=number,
                element=element,
                before=None if before is None else before.verdict,
                after=None if after is None else after.verdict,
                reason="" if last is None else last.reason,
            )
        )
    return checks


def _target(target: ChangeTarget, device: str) -> TargetRow:
    return TargetRow(
        device_id=target.device_id,
        device=device,
        wave=target.wave,
        attempt=target.attempt,
        state=target.state,
        safety=target.safety,
        reason=target.reason,
        detail=target.detail,
        diff_sha256=target.diff_sha256,
        before_version_id=target.before_version_id,
        after_version_id=target.after_version_id,
    )
