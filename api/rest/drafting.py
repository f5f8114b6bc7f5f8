"""What somebody sent as a change, as the service takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import InvalidInputError, Problem
from playbooks import changes

if TYPE_CHECKING:
    from api.rest.schemas.changes import ChangeCreate, Selection

SOURCES: Final = (
    "texts",
    "snippet",
    "template",
    "intended",
    "standard",
    "versions",
    "credential",
    "old_users_of",
)


def drafted(body: ChangeCreate) -> changes.Draft:
    """Return the draft of texts by device; raises InvalidInputError beside another source."""
    _require_one(body)
    return changes.Draft(
        title=body.title,
        reason=body.reason,
        texts=body.texts,
        revert_seconds=body.revert_seconds,
        rollout=_rollout(body),
        window=changes.Window(body.opens_at, body.closes_at),
    )


def wanted(body: ChangeCreate) -> changes.Wanted:
    """Return what is wanted; raises InvalidInputError unless it names exactly one source."""
    _require_one(body)
    source: changes.Source
    if body.template:
        source = changes.Template(body.template, body.parameters)
    elif body.intended:
        source = changes.Stored(body.intended)
    elif body.standard:
        source = changes.Standard(body.standard, body.parameters)
    elif body.versions:
        source = changes.Restore(tuple(body.versions))
    elif body.credential:
        source = changes.Rotation(body.credential)
    elif body.old_users_of:
        source = changes.Removal(body.old_users_of)
    else:
        source = changes.Snippet(body.snippet)
    return changes.Wanted(
        title=body.title,
        source=source,
        selection=selection(body.select),
        reason=body.reason,
        revert_seconds=body.revert_seconds,
        rollout=_rollout(body),
        window=changes.Window(body.opens_at, body.closes_at),
    )


def selection(chosen: Selection) -> changes.Selection:
    """Return what somebody chose as the service takes it."""
    return changes.Selection(
        tuple(chosen.names),
        tuple(chosen.sites),
        tuple(chosen.units),
        tuple(chosen.roles),
        tuple(chosen.platforms),
    )


def _rollout(body: ChangeCreate) -> changes.Rollout | None:
    given = body.rollout
    return None if given is None else changes.Rollout(**given.model_dump())


def _require_one(body: ChangeCreate) -> None:
    given = [name for name in SOURCES if getattr(body, name)]
    if len(given) != 1:
        fix = f"Give exactly one of: {', '.join(SOURCES)}."
        message = "has no source" if not given else "has more than one source"
        raise InvalidInputError([Problem("change", "source", ", ".join(given), message, fix)])
