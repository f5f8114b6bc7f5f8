"""One table says what each error exits with."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from cli import exits
from hatang.errors import (
    ConflictError,
    DeniedError,
    DriverError,
    HatangError,
    InvalidInputError,
    NotFoundError,
    Reason,
    SettingsError,
    StaleError,
    TamperedError,
    UnauthenticatedError,
    UnavailableError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (HatangError("x"), exits.FAILED),
        (TamperedError("x"), exits.FAILED),
        (SettingsError("x"), exits.USAGE),
        (NotFoundError("x"), exits.NOT_FOUND),
        (DeniedError("x"), exits.DENIED),
        (UnauthenticatedError("x"), exits.DENIED),
        (ConflictError("x"), exits.CONFLICT),
        (InvalidInputError([]), exits.INVALID_INPUT),
        (UnavailableError("x"), exits.UNAVAILABLE),
        (StaleError("x"), exits.UNAVAILABLE),
        (DriverError("x", Reason.TIMEOUT), exits.UNAVAILABLE),
        (OperationalError("s", {}, Exception("x")), exits.UNAVAILABLE),
        (ZeroDivisionError("x"), exits.FAILED),
        (ModuleNotFoundError("No module named 'yaml'", name="yaml"), exits.USAGE),
        (ModuleNotFoundError("No module named 'cli.gone'", name="cli.gone"), exits.FAILED),
    ],
    ids=lambda value: f"{type(value).__name__}-{value}",
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    assert exits.status_of(error) == status
    assert status in exits.MEANINGS


def test_a_fix_follows_the_sentence() -> None:
    assert exits.explain(SettingsError("a is wrong", fix="Mend a.")) == "a is wrong\nMend a."


def test_a_statement_of_the_database_is_not_shown() -> None:
    told = exits.explain(OperationalError("SELECT secret", {}, Exception("disk I/O error")))
    assert "disk I/O error" in told
    assert "SELECT" not in told
