"""A meeting as a file; every problem of it at once."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conference.choices import PointRole
from conference.service import MeetingInput, PointInput
from conference.service.meetings import DEFAULT_CALL_KBPS
from hatang.errors import InvalidInputError, NotFoundError, Problem

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1_000_000
_FIX = "Give it a value of that form."


class _Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    room: str
    role: PointRole = PointRole.VIEWER
    required: bool = False


class _Meeting(BaseModel):
    model_config = ConfigDict(extra="forbid")
    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    points: list[_Point] = Field(min_length=1)
    call_kbps: int = DEFAULT_CALL_KBPS
    content_kbps: int = 0
    is_cancelled: bool = False


def read_meeting(file: Path, zone: tzinfo) -> MeetingInput:
    """Return the meeting of a YAML file; times without a zone are of `zone`.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: everything wrong with it.
    """
    try:
        given = _Meeting.model_validate(_load(file))
    except ValidationError as error:
        problems = [_problem(file, details) for details in error.errors()]
        raise InvalidInputError(problems) from error
    return MeetingInput(
        uid=given.uid,
        title=given.title,
        starts_at=_aware(given.starts_at, zone),
        ends_at=_aware(given.ends_at, zone),
        bridge=given.bridge,
        points=[PointInput(point.room, point.role, point.required) for point in given.points],
        call_kbps=given.call_kbps,
        content_kbps=given.content_kbps,
        is_cancelled=given.is_cancelled,
    )


def _load(file: Path) -> object:
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")
    if file.stat().st_size > MAX_BYTES:
        raise InvalidInputError([Problem(file.name, "file", "", "is too large", "Split it.")])
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        problem = Problem(file.name, "file", "", "is no YAML", "Mend that line.", line)
        raise InvalidInputError([problem]) from error


def _problem(file: Path, details: Any) -> Problem:  # noqa: ANN401 RUF100 - pydantic's dictionary
    field = ".".join(str(part) for part in details["loc"]) or "file"
    value = details.get("input")
    shown = "" if isinstance(value, dict | list) else str(value)[:80]
    return Problem(file.name, field, shown, details["msg"], _FIX)


def _aware(at: datetime, zone: tzinfo) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
