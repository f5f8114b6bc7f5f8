"""Silences asked for through the Alertmanager door: listed, made, edited, ended as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from sqlalchemy import select

from alerts.alertmanager import text
from alerts.models import Silence
from alerts.validation import matches, read_silence
from hatang import audit, clock
from hatang.auth import Actor, Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.validation import PostedSilence
    from hatang.db import AnySession, WriteSession

_ORDER: Final = {"active": 0, "pending": 1, "expired": 2}


def list_silences(
    session: AnySession, actor: Actor, wanted: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return silences as GET /api/v2/silences does, those that hold first, expired ones too.

    `wanted` are matchers over the silences' own: each fits the value that a silence gives that
    label. What they match has no scope, so only who reaches the whole province sees them.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    if actor.acting(Permission.INCIDENT_READ).scope_ids is not None:
        return []
    filters = list(wanted)
    found = [_shown(row) for row in _silences(session) if _fits(row, filters)]
    return sorted(found, key=lambda each: (_ORDER[each["status"]["state"]], each["endsAt"]))


def put_silence(session: WriteSession, actor: Actor, payload: object) -> str:
    """Create or change a silence and return its id.

    As in Alertmanager one that is over, or whose matchers or begin change, is replaced: the id
    is a new one then.

    Raises:
        DeniedError: the actor may not announce maintenance for the whole province.
        InvalidInputError: the silence is wrong; every problem is named.
        NotFoundError: it changes a silence that does not exist.
    """
    _require_province(actor)
    posted = read_silence(payload)
    moment = clock.now()
    if posted.ends_at <= moment:
        problem = Problem("silence", "endsAt", text(posted.ends_at), "is over", "Move it ahead.")
        raise InvalidInputError([problem])
    row = session.get(Silence, posted.id) if posted.id else None
    if posted.id and row is None:
        raise NotFoundError(f"there is no silence {posted.id}")
    if row is not None and not _is_same(row, posted):
        _end(row)
        row = None
    if row is None:
        row = Silence(id=str(uuid4()), starts_at=max(posted.starts_at, moment))
    row.matchers = posted.matchers
    row.created_by = posted.created_by or actor.name
    row.comment, row.annotations = posted.comment, posted.annotations
    row.ends_at, row.updated_at = posted.ends_at, moment
    session.add(row)
    detail = {"matchers": row.matchers, "ends_at": text(row.ends_at), "comment": row.comment}
    audit.record(session, actor, "silence.put", f"silence/{row.id}", detail)
    return row.id


def _is_same(row: Silence, posted: PostedSilence) -> bool:
    """Whether the row may be changed in place: what it mutes, and since when, stays."""
    if state(row) == "expired" or row.matchers != posted.matchers:
        return False
    return state(row) == "active" or row.starts_at == posted.starts_at


def expire_silence(session: WriteSession, actor: Actor, silence_id: str) -> None:
    """End a silence now.

    Raises:
        DeniedError: the actor may not announce maintenance for the whole province.
        NotFoundError: there is no such silence.
    """
    _require_province(actor)
    row = session.get(Silence, silence_id)
    if row is None:
        raise NotFoundError(f"there is no silence {silence_id}")
    _end(row)
    audit.record(session, actor, "silence.expire", f"silence/{row.id}")


def _end(row: Silence) -> None:
    moment = clock.now()
    row.ends_at = min(row.ends_at, moment)
    row.starts_at = min(row.starts_at, row.ends_at)
    row.updated_at = moment


def _require_province(actor: Actor) -> None:
    # Matchers speak of labels, and those reach over every unit.
    if actor.acting(Permission.MAINTENANCE_WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not silence alerts of the whole province",
            fix="Announce maintenance for your own elements.",
        )


def active_silences(session: AnySession) -> list[Silence]:
    """Return the silences that hold now."""
    return [each for each in _silences(session) if state(each) == "active"]


def silenced_by(active: Iterable[Silence], labels: Mapping[str, str]) -> list[str]:
    """Return the ids of those of the `active` silences that fit `labels`."""
    return [each.id for each in active if all(matches(m, labels) for m in each.matchers)]


def state(row: Silence) -> str:
    """Return `active`, `pending` or `expired`."""
    moment = clock.now()
    if row.ends_at <= moment:
        return "expired"
    return "pending" if row.starts_at > moment else "active"


def _silences(session: AnySession) -> list[Silence]:
    return list(session.scalars(select(Silence).order_by(Silence.starts_at, Silence.id)))


def _fits(row: Silence, wanted: list[Mapping[str, Any]]) -> bool:
    values = {each["name"]: each["value"] for each in row.matchers}
    return all(matches(each, values) for each in wanted)


def _shown(row: Silence) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": {"state": state(row)},
        "updatedAt": text(row.updated_at),
        "comment": row.comment,
        "createdBy": row.created_by,
        "startsAt": text(row.starts_at),
        "endsAt": text(row.ends_at),
        "matchers": row.matchers,
        "annotations": row.annotations,
    }
