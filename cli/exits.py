"""The one table of exit statuses, and how an error is told: a sentence and what to do about it."""

from __future__ import annotations

import sys
from typing import Final

from hatang.errors import (
    ConflictError,
    DeniedError,
    DriverError,
    HatangError,
    InvalidInputError,
    NotFoundError,
    SettingsError,
    UnauthenticatedError,
    UnavailableError,
)

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_FOUND: Final = 3
DENIED: Final = 4
CONFLICT: Final = 5
INVALID_INPUT: Final = 6
UNAVAILABLE: Final = 7
INTERRUPTED: Final = 130

MEANINGS: Final = {
    OK: "done, and what was asked about is good",
    FAILED: "failed, or what was asked about is not good",
    USAGE: (
        "a wrong option, setting, port, directory or missing program or package; "
        "nothing was started"
    ),
    NOT_FOUND: "what was named does not exist, or may not be known to you",
    DENIED: "you may not do this",
    CONFLICT: "the state of things does not allow it now",
    INVALID_INPUT: "what was given is wrong; every problem is listed, nothing was applied",
    UNAVAILABLE: "a part hatang needs does not answer now; later may work",
    INTERRUPTED: "interrupted",
}

# What the wheel holds: a module missing from these is a fault of ours, any other was not installed.
OURS: Final = frozenset(
    (
        *("hatang", "inventory", "monitors", "alerts", "playbooks"),
        *("baselines", "conference", "api", "cli"),
    )
)

# First match wins, so subclasses stand before their bases.
_BY_ERROR: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (SettingsError, USAGE),
    (NotFoundError, NOT_FOUND),
    (DeniedError, DENIED),
    (UnauthenticatedError, DENIED),
    (ConflictError, CONFLICT),
    (InvalidInputError, INVALID_INPUT),
    (UnavailableError, UNAVAILABLE),
    (DriverError, UNAVAILABLE),
    (KeyboardInterrupt, INTERRUPTED),
)


def status_of(error: BaseException) -> int:
    """Return the exit status `error` stands for."""
    if _is_of_database(error):
        return UNAVAILABLE
    if _missing_package(error):
        return USAGE
    return next((status for kind, status in _BY_ERROR if isinstance(error, kind)), FAILED)


def explain(error: BaseException) -> str:
    """Return `error` for a person: what is wrong, and the fix where one is known."""
    if isinstance(error, HatangError):
        return f"{error}\n{error.fix}" if error.fix else str(error)
    if _is_of_database(error):
        cause = getattr(error, "orig", None) or type(error).__name__
        return f"the database does not answer: {cause}\nCheck the data directory, or database.url."
    if missing := _missing_package(error):
        return (
            f"the Python package that gives `{missing}` is not installed; install it with: "
            f"{sys.executable} -m pip install --require-hashes -r requirements/runtime.txt"
        )
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}"
    name = type(error).__name__
    return f"this is a fault of hatang: {name}: {error}\nSet HATANG_LOG__LEVEL=debug to see where."


def _missing_package(error: BaseException) -> str:
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return name if name and name.partition(".")[0] not in OURS else ""


def _is_of_database(error: BaseException) -> bool:
    # Loading SQLAlchemy takes longer than `hatang --help` may: unloaded, it raised nothing.
    module = sys.modules.get("sqlalchemy.exc")
    return module is not None and isinstance(error, module.SQLAlchemyError)


def table() -> str:
    """Return the statuses as the lines that `hatang --help` ends with."""
    return "\n\n".join(f"{status}: {meaning}" for status, meaning in MEANINGS.items())
