"""Times to acknowledge and to repair, against figures reckoned by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from alerts import service
from alerts.choices import IncidentEventKind
from alerts.models import Acknowledgement, IncidentEvent
from alerts.service import Grouping, Measured
from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import DeniedError, InvalidInputError
from tests.alerts import leased
from tests.alerts.leased import CARRIER, NOW, ZONE, at, incident, link_of

if TYPE_CHECKING:
    from alerts.models import Incident
    from alerts.service import ResponseTimes
    from hatang.db import Database, WriteSession

MINUTE = 60.0
OCTOBER = (at(1), datetime(2026, 11, 5, tzinfo=ZONE))


def take(session: WriteSession, row: Incident, when: datetime) -> None:
    taken = Acknowledgement(incident_id=row.id, actor="an", note="", at=when)
    taken.ends_at = when + timedelta(hours=4)
    session.add(taken)


@pytest.fixture
def october(sqlite_database: Database) -> Database:
    """On L-1, beside the first (360 minutes, never taken): one taken twice, one with half of it
    announced, one wholly so, one closed by a person, one open and waiting.
    """
    with clock.frozen(NOW), sqlite_database.write() as session:
        leased.load(session)
        link = link_of(session, "L-1")
        twice = incident(session, link, at(4), at(4, 1))
        take(session, twice, at(4, 0, 31))
        take(session, twice, at(4, 0, 50))
        half = incident(session, link, at(10), at(10, 2))
        take(session, half, at(10, 1, 45))
        incident(session, link, at(10, 0, 40), at(10, 1, 20))
        closed = incident(session, link, at(15), at(16))
        line = IncidentEvent(incident_id=closed.id, at=at(16), actor="an")
        line.kind, line.detail = IncidentEventKind.CLOSED, {}
        session.add(line)
        incident(session, link, at(31), None)
    return sqlite_database


def times(database: Database, by: Grouping) -> list[ResponseTimes]:
    with clock.frozen(NOW), database.read() as session:
        return service.response_times(session, leased.SYSTEM, by, OCTOBER)


def test_times_of_a_circuit_are_those_reckoned_by_hand(october: Database) -> None:
    (found,) = times(october, Grouping.CIRCUIT)
    assert (found.key, found.incidents) == ("L-1", 5)
    # Taken 30 minutes after the opening, and 104 of which 60 were announced work.
    assert found.acknowledged == Measured(2, 30 * MINUTE, 44 * MINUTE)
    # 60 (4 October), 120 - 60 (10 October) and 360 minutes (3 October).
    assert found.repaired == Measured(3, 60 * MINUTE, 360 * MINUTE)


def test_what_has_no_time_is_counted_apart(october: Database) -> None:
    (found,) = times(october, Grouping.CARRIER)
    assert found.name == CARRIER
    assert (found.open, found.waiting, found.closed, found.untaken) == (1, 1, 1, 2)


def test_an_incident_wholly_in_announced_work_counts_for_nothing_else(october: Database) -> None:
    (found,) = times(october, Grouping.CIRCUIT)
    assert found.in_maintenance == 1


def test_by_unit_every_incident_counts(october: Database) -> None:
    (found,) = times(october, Grouping.UNIT)
    assert (found.key, found.name, found.incidents) == ("xa-1", "Xã Một", 6)


def test_where_nothing_was_measured_there_is_no_time(sqlite_database: Database) -> None:
    with clock.frozen(NOW), sqlite_database.write() as session:
        leased.load(session)
        incident(session, link_of(session, "L-2"), at(31), None)
    found = {each.key: each for each in times(sqlite_database, Grouping.CIRCUIT)}["L-2"]
    assert found.repaired == found.acknowledged == Measured(0, None, None)


def test_incidents_beyond_ones_reach_count_for_nobody(october: Database) -> None:
    elsewhere = Actor(7, "chi", frozenset({Role.VIEWER}), frozenset({999}))
    nobody = Actor(8, "em", frozenset(), frozenset())
    with clock.frozen(NOW), october.read() as session:
        assert service.response_times(session, elsewhere, Grouping.CARRIER, OCTOBER) == []
        with pytest.raises(DeniedError):
            service.response_times(session, nobody, Grouping.UNIT, OCTOBER)


def test_a_span_that_ends_before_it_begins_is_refused(october: Database) -> None:
    with october.read() as session, pytest.raises(InvalidInputError):
        service.response_times(session, leased.SYSTEM, Grouping.UNIT, OCTOBER[::-1])


def test_a_carriers_incident_counts_once_for_each_circuit_it_took(
    sqlite_database: Database,
) -> None:
    with clock.frozen(NOW), sqlite_database.write() as session:
        leased.load(session)
        leased.outage(session, ("L-1", "L-2"), (at(6), at(6, 2)))
    by_circuit = {each.key: each for each in times(sqlite_database, Grouping.CIRCUIT)}
    (carrier,) = times(sqlite_database, Grouping.CARRIER)
    # L-1 has one of its own as well, of 360 minutes on the third.
    assert by_circuit["L-2"].repaired == Measured(1, 120 * MINUTE, 120 * MINUTE)
    assert by_circuit["L-1"].repaired == Measured(2, 120 * MINUTE, 360 * MINUTE)
    assert carrier.incidents == 2
