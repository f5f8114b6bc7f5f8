from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alerts import service
from alerts.choices import IncidentState
from alerts.models import Incident, IncidentEffect
from alerts.service import MaintenanceRequest
from hatang import clock, scope
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from monitors.models import ElementRow

if TYPE_CHECKING:
    from hatang.db import Database


@pytest.fixture
def scopes(database: Database) -> tuple[int, int]:
    """Two communes, each with an incident (1 and 2) and a device."""
    with database.write() as session:
        found = (scope.add(session), scope.add(session))
        for number, scope_id in enumerate(found, start=1):
            element = f"device:{number}"
            session.add(incident(element, scope_id))
            row = ElementRow(element=element, kind="device", owner=str(number), name="")
            row.monitor, row.state, row.cause, row.since = "m", "bad", "timeout", clock.now()
            row.scope_id = scope_id
            session.add(row)
            session.flush()
        for scope_id in found:
            effect = IncidentEffect(
                incident_id=1, element=f"site:{scope_id}", kind="site", name="x"
            )
            effect.site, effect.scope_id, effect.people, effect.impact = "", scope_id, 0, "down"
            session.add(effect)
    return found


def incident(element: str, scope_id: int) -> Incident:
    return Incident(
        fault=element,
        element=element,
        origin=element,
        name=element,
        alertname="DeviceUnreachable",
        severity="critical",
        state=IncidentState.OPEN,
        scope_id=scope_id,
        is_verified=True,
        bad_since=clock.now(),
        opened_at=clock.now(),
    )


def person(role: Role, scope_id: int | None = None) -> Actor:
    return Actor(7, "Bình", frozenset({role}), None if scope_id is None else frozenset({scope_id}))


def tomorrow(hours: float = 24) -> timedelta:
    return timedelta(hours=hours)


def test_a_list_holds_only_what_its_reader_reaches(
    database: Database, scopes: tuple[int, int]
) -> None:
    with database.read() as session:
        page = service.list_incidents(session, person(Role.VIEWER, scopes[0]))
        assert [each.scope_id for each in page.incidents] == [scopes[0]]
        assert page.total == 1
        assert service.list_incidents(session, person(Role.VIEWER)).total == 2


def test_an_incident_elsewhere_does_not_exist_and_foreign_effects_are_left_out(
    database: Database, scopes: tuple[int, int]
) -> None:
    viewer = person(Role.VIEWER, scopes[0])
    with database.read() as session:
        detail = service.get_incident(session, viewer, 1)
        assert [each.scope_id for each in detail.effects] == [scopes[0]]
        with pytest.raises(NotFoundError):
            service.get_incident(session, viewer, 2)


def test_taking_an_incident_names_its_owner_in_the_timeline(
    database: Database, scopes: tuple[int, int]
) -> None:
    actor = person(Role.ACKNOWLEDGER)
    with database.write() as session:
        service.acknowledge(session, actor, 1, note="gọi VNPT", ends_at=clock.now() + tomorrow())
    with database.read() as session:
        detail = service.get_incident(session, actor, 1)
    assert detail.incident.state == IncidentState.ACKNOWLEDGED
    assert [(each.actor, each.detail["note"]) for each in detail.events] == [("Bình", "gọi VNPT")]


def test_who_may_only_look_takes_nothing(database: Database, scopes: tuple[int, int]) -> None:
    with database.write() as session, pytest.raises(DeniedError):
        service.acknowledge(session, person(Role.VIEWER), 1, ends_at=clock.now() + tomorrow())


def test_a_resolved_incident_is_not_taken_and_still_commented(
    database: Database, scopes: tuple[int, int]
) -> None:
    actor = person(Role.OPERATOR)
    with database.write() as session:
        session.get_one(Incident, 1).state = IncidentState.RESOLVED
        with pytest.raises(ConflictError):
            service.acknowledge(session, actor, 1, ends_at=clock.now() + tomorrow())
        service.add_note(session, actor, 1, "đã thay dây")


@pytest.mark.parametrize("hours", [-1.0, 24 * 30])
def test_an_end_in_the_past_or_far_ahead_is_refused(
    database: Database, scopes: tuple[int, int], hours: float
) -> None:
    with database.write() as session, pytest.raises(InvalidInputError):
        service.acknowledge(session, person(Role.ADMIN), 1, ends_at=clock.now() + tomorrow(hours))


def test_work_is_announced_only_for_what_one_reaches_and_all_faults_are_named(
    database: Database, scopes: tuple[int, int]
) -> None:
    moment = clock.now()
    bad = MaintenanceRequest(("device:2", "nonsense"), moment, moment, " ")
    with database.write() as session:
        with pytest.raises(InvalidInputError) as caught:
            service.create_maintenance(session, person(Role.OPERATOR, scopes[0]), bad)
        fields = [each.field for each in caught.value.problems]
        assert fields == ["elements", "elements", "reason", "ends_at"]
        good = MaintenanceRequest(("device:1",), moment, moment + tomorrow(), "thay nguồn")
        row = service.create_maintenance(session, person(Role.OPERATOR, scopes[0]), good)
        assert row.scope_id == scopes[0]
