"""The one table from errors to HTTP, and what a refused request is answered with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from hatang.auth import LockedOutError
from hatang.errors import (
    ConflictError,
    DeniedError,
    DriverError,
    HatangError,
    InvalidInputError,
    NotFoundError,
    Problem,
    UnauthenticatedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATUS: Final[Mapping[type[HatangError], int]] = {
    LockedOutError: 429,
    UnauthenticatedError: 401,
    DeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InvalidInputError: 422,
    UnavailableError: 503,
    DriverError: 502,
    HatangError: 500,
}


class ForgedRequestError(DeniedError):
    """A browser sent this on behalf of a page that is not ours."""

    code = "forged_request"


class PasswordChangeRequiredError(DeniedError):
    """Nothing else is open to this person before a new password is set."""

    code = "password_change_required"


class SecondFactorEnrolmentRequiredError(DeniedError):
    """Nothing else is open to this person before a second factor is in force."""

    code = "second_factor_enrolment_required"


class TooLargeError(HatangError):
    """The body has more bytes than this door takes."""

    code: ClassVar[str] = "too_large"


def status_of(error: HatangError) -> int:
    """Return the HTTP status: that of the nearest class in the table."""
    if isinstance(error, TooLargeError):
        return 413
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def body(error: HatangError) -> dict[str, Any]:
    """Return what a program reads: a stable code, a sentence, the fix and every problem."""
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    return {
        "code": error.code,
        "message": error.message if not problems else "the request holds problems",
        "fix": error.fix,
        "problems": [_shown(problem) for problem in problems],
    }


def _shown(problem: Problem) -> dict[str, Any]:
    return {
        "where": problem.where,
        "field": problem.field,
        "value": problem.value,
        "message": problem.message,
        "fix": problem.fix,
        "line": problem.line,
        "sheet": problem.sheet,
        "column": problem.column,
        "header": problem.header,
    }


def invalid(details: Sequence[Any]) -> InvalidInputError:
    """Return what FastAPI complained about as one of ours; the values are not repeated."""
    problems = [
        Problem(
            where=str(detail["loc"][0]),
            field=".".join(str(part) for part in detail["loc"][1:]),
            value="",
            message=str(detail["msg"]),
            fix="See /api/v1/openapi.json for what is expected.",
        )
        for detail in details
    ]
    return InvalidInputError(problems)
