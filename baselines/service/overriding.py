"""Parameters of rules set otherwise here: a layer of its own that every report shows.

The packs stay as signed; a parameter moves only within the bounds its rule allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from baselines import packs
from baselines.models import Override
from hatang import audit, clock, scope
from hatang.auth import Permission, require
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from baselines.schemas import Parameter
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One parameter as it is set here, beside what the pack says."""

    rule_id: str
    parameter: str
    value: Any
    default: Any
    reason: str
    author: str
    created_at: datetime


def in_force(session: AnySession) -> dict[str, dict[str, Any]]:
    """Return the values set here, by rule and parameter."""
    found: dict[str, dict[str, Any]] = {}
    for row in _rows(session):
        found.setdefault(row.rule_id, {})[row.parameter] = row.value
    return found


def list_overrides(session: AnySession, actor: Actor) -> list[OverrideRow]:
    """Return what is set here, by rule and parameter."""
    require(actor, Permission.BASELINE_READ)
    rules = {rule.id: rule for name in packs.names() for rule in packs.load(name).rules}
    return [
        OverrideRow(
            row.rule_id,
            row.parameter,
            row.value,
            _default(rules[row.rule_id].parameters.get(row.parameter))
            if row.rule_id in rules
            else None,
            row.reason,
            row.author,
            row.created_at,
        )
        for row in _rows(session)
    ]


def set_override(
    session: WriteSession, actor: Actor, rule_id: str, parameter: str, value: str, *, reason: str
) -> None:
    """Set a parameter of a rule for this installation; audits from now on use it.

    Words of a list are given with commas between.

    Raises:
        DeniedError: only a rule author of the whole province may.
        NotFoundError: no such rule.
        InvalidInputError: no such parameter, a value outside its bounds, or no reason; all.
    """
    _may_write(session, actor)
    rule = packs.rule_of(rule_id)
    known = rule.parameters.get(parameter)
    problems: list[Problem] = []
    if known is None:
        names = ", ".join(rule.parameters) or "none"
        problems.append(
            Problem(rule_id, "parameter", parameter, "does not exist", f"There are: {names}.")
        )
    if not reason.strip():
        problems.append(Problem(rule_id, "reason", reason, "is empty", "Say why."))
    parsed = None if known is None else _parsed(rule_id, known, value, problems)
    if problems:
        raise InvalidInputError(problems)
    end_override(session, actor, rule_id, parameter, is_silent=True)
    session.add(
        Override(
            rule_id=rule_id,
            parameter=parameter,
            value=parsed,
            reason=reason,
            author=actor.name,
            created_at=clock.now(),
        )
    )
    detail = {"parameter": parameter, "value": parsed, "reason": reason}
    audit.record(session, actor, "baseline.override", f"rule/{rule_id}", detail)


def end_override(
    session: WriteSession, actor: Actor, rule_id: str, parameter: str, *, is_silent: bool = False
) -> None:
    """Let the pack's value count again; raises NotFoundError when nothing was set.

    Raises DeniedError as `set_override` does.
    """
    _may_write(session, actor)
    statement = (
        update(Override)
        .where(
            Override.rule_id == rule_id,
            Override.parameter == parameter,
            Override.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
        .returning(Override.id)
        .execution_options(synchronize_session=False)
    )
    ended = session.scalars(statement).all()
    if not ended and not is_silent:
        raise NotFoundError(f"{rule_id} has no {parameter} set here")
    if ended and not is_silent:
        detail = {"parameter": parameter}
        audit.record(session, actor, "baseline.end-override", f"rule/{rule_id}", detail)


def _may_write(session: AnySession, actor: Actor) -> None:
    if not scope.reaches(session, actor.acting(Permission.BASELINE_WRITE), None):
        raise DeniedError(f"{actor.name} may not do this for the whole province")


def _parsed(rule_id: str, known: Parameter, value: str, problems: list[Problem]) -> Any:
    if not isinstance(known.default, int):
        words = [word.strip() for word in value.split(",") if word.strip()]
        if not words:
            problems.append(Problem(rule_id, "value", value, "is empty", "Name one word or more."))
        return words
    low, high = known.minimum, known.maximum
    bounds = f"Give a whole number from {low} to {high}."
    try:
        number = int(value)
    except ValueError:
        problems.append(Problem(rule_id, "value", value, "is no whole number", bounds))
        return None
    if (low is not None and number < low) or (high is not None and number > high):
        problems.append(Problem(rule_id, "value", value, "is outside its bounds", bounds))
    return number


def _default(known: Parameter | None) -> Any:
    return None if known is None else known.default


def _rows(session: AnySession) -> list[Override]:
    statement = select(Override).where(Override.ended_at.is_(None))
    return list(session.scalars(statement.order_by(Override.rule_id, Override.parameter)))
