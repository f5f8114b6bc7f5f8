from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from alerts.models import Incident
from alerts.routing import Routing
from hatang import scope
from hatang.settings import NotificationRoute, QuietHours
from inventory.models import Unit

if TYPE_CHECKING:
    from hatang.db import Database

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 23, tzinfo=UTC)
QUIET = QuietHours(times=("22:00-06:00",))


def route(name: str, **values: object) -> NotificationRoute:
    given = {"name": name, "receivers": ("noc",), **values}
    return NotificationRoute.model_validate(given)


@pytest.fixture
def scopes(database: Database) -> dict[str, int]:
    """A province, a commune in it, and a neighbour."""
    found: dict[str, int] = {}
    with database.write() as session:
        for code, parent in (("tinh", None), ("xa-05", "tinh"), ("so", None)):
            found[code] = scope.add(session, found.get(parent or ""))
            unit = Unit(code=code, name=code, kind="commune", scope_id=found[code])
            session.add(unit)
    return found


ROUTES = (
    route("night", times=("22:00-06:00",), severities=("critical",)),
    route("tinh", units=("tinh",)),
    route("warnings", severities=("warning",)),
    route("curious", units=("so",), severities=("info",)),
)


@pytest.mark.parametrize(
    ("unit", "severity", "moment", "expected"),
    [
        ("xa-05", "critical", NIGHT, "night"),
        ("xa-05", "critical", NOON, "tinh"),
        ("tinh", "warning", NIGHT, "tinh"),
        ("so", "warning", NOON, "warnings"),
        ("so", "critical", NOON, ""),
        ("xa-05", "info", NOON, ""),
        ("so", "info", NOON, "curious"),
    ],
)
def test_the_first_route_that_fits_counts(  # noqa: PLR0917 RUF100 - a table's columns
    database: Database,
    scopes: dict[str, int],
    unit: str,
    severity: str,
    moment: datetime,
    expected: str,
) -> None:
    incident = Incident(severity=severity, scope_id=scopes[unit])
    routing = Routing(ROUTES)
    with database.read() as session:
        assert routing.route(incident, routing.scopes(session), moment) == expected


@pytest.mark.parametrize(
    ("told_at", "moment", "severity", "expected"),
    [
        (NOON, NIGHT, "warning", True),
        (NOON, NIGHT, "critical", False),
        (EVENING, NIGHT, "warning", False),
        (NOON, NOON, "warning", False),
    ],
)
def test_a_recovery_waits_for_morning_only_where_the_fault_was_told_before_the_quiet(
    told_at: datetime, moment: datetime, severity: str, expected: bool
) -> None:
    routing = Routing(quiet=(QUIET,))
    assert routing.holds_back(severity, told_at, moment) is expected
