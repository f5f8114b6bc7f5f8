from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alerts import intake, service
from alerts.choices import AlertState, IncidentState
from alerts.maintenance import covered
from alerts.models import Alert, Incident, IncidentEffect
from alerts.service import MaintenanceRequest
from hatang import clock, scope
from hatang.audit import AuditEntry
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from monitors.models import ElementRow, HeartbeatRow
from tests.alerts.drawing import draw

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession


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
        # Whether it exists beyond one's reach is not told.
        assert len({each.message for each in caught.value.problems[:2]}) == 1
        good = MaintenanceRequest(("device:1",), moment, moment + tomorrow(), "thay nguồn")
        row = service.create_maintenance(session, person(Role.OPERATOR, scopes[0]), good)
        assert row.scope_id == scopes[0]


def measured(session: WriteSession, state: str, cause: str = "timeout") -> None:
    """Write what a living monitor last said of device 1."""
    row = session.get_one(ElementRow, "device:1")
    row.state, row.cause = state, cause
    session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))


@pytest.mark.parametrize("state", ["unknown", "good"])
def test_an_incident_that_nothing_measures_bad_is_closed_with_a_reason(
    database: Database, scopes: tuple[int, int], state: str
) -> None:
    actor = person(Role.ACKNOWLEDGER)
    with database.write() as session:
        measured(session, state)
        service.close(session, actor, 1, reason="đã tháo thiết bị")
    with database.read() as session:
        detail = service.get_incident(session, actor, 1)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "incident.close"))
        assert entry.one().target == "incident/1"
    assert detail.incident.state == IncidentState.RESOLVED
    assert [(each.kind, each.actor) for each in detail.events] == [("closed", "Bình")]
    assert detail.events[0].detail["note"] == "đã tháo thiết bị"


def test_an_incident_of_what_nobody_watches_any_more_is_closed(
    database: Database, scopes: tuple[int, int]
) -> None:
    with database.write() as session:
        session.delete(session.get_one(ElementRow, "device:1"))
        session.flush()
        assert service.close(session, person(Role.OPERATOR), 1, reason="x").resolved_at


def test_what_is_measured_bad_is_not_closed(database: Database, scopes: tuple[int, int]) -> None:
    with database.write() as session:
        measured(session, "bad")
        with pytest.raises(ConflictError, match="still bad"):
            service.close(session, person(Role.ADMIN), 1, reason="x")
        assert session.get_one(Incident, 1).state == IncidentState.OPEN


def test_an_alert_that_still_fires_is_not_closed_and_a_lapsed_one_is(
    database: Database, scopes: tuple[int, int]
) -> None:
    alert = {"labels": {"alertname": "X", "element": "device:1"}}
    with database.write() as session:
        intake.ingest(session, Actor.system("prometheus"), intake.read("p", [alert]))
        row = session.scalars(select(Alert)).one()
        session.get_one(Incident, 1).fault = f"{intake.PREFIX}{row.fingerprint}"
        with pytest.raises(ConflictError):
            service.close(session, person(Role.ADMIN), 1, reason="x")
        row.state = AlertState.UNKNOWN
        session.flush()
        service.close(session, person(Role.ADMIN), 1, reason="x")


def test_a_cut_link_is_not_closed(database: Database, scopes: tuple[int, int]) -> None:
    with database.write() as session:
        number = draw(session, scopes[0])
        row = ElementRow(element="interface:key-hub:eth1", kind="interface", owner="key-hub")
        row.name, row.monitor, row.state, row.cause = "", "m", "bad", "oper_down"
        row.since, row.scope_id = clock.now(), None
        session.add(row)
        session.get_one(Incident, 1).fault = f"link:{number}"
        with pytest.raises(ConflictError):
            service.close(session, person(Role.ADMIN), 1, reason="x")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 5_000])
def test_nobody_closes_without_saying_why(
    database: Database, scopes: tuple[int, int], reason: str
) -> None:
    with database.write() as session, pytest.raises(InvalidInputError):
        service.close(session, person(Role.ADMIN), 1, reason=reason)


def test_who_may_only_look_closes_nothing(database: Database, scopes: tuple[int, int]) -> None:
    with database.write() as session, pytest.raises(DeniedError):
        service.close(session, person(Role.VIEWER), 1, reason="x")


def test_work_longer_than_allowed_is_refused_and_says_how_long_it_may_be(
    database: Database, scopes: tuple[int, int]
) -> None:
    moment = clock.now()
    actor = person(Role.OPERATOR)
    wanted = MaintenanceRequest(("device:1",), moment, moment + timedelta(days=31), "x")
    with database.write() as session:
        with pytest.raises(InvalidInputError) as caught:
            service.create_maintenance(session, actor, wanted)
        (problem,) = caught.value.problems
        assert (problem.field, "30 days" in problem.message) == ("ends_at", True)
        assert service.create_maintenance(session, actor, wanted, timedelta(days=31)).id


def test_what_nobody_watches_is_no_element_even_to_who_reaches_all(
    database: Database, scopes: tuple[int, int]
) -> None:
    moment = clock.now()
    wanted = MaintenanceRequest(("device:typo",), moment, moment + tomorrow(), "x")
    with database.read() as session, pytest.raises(InvalidInputError):
        service.plan_maintenance(session, person(Role.ADMIN), wanted)


def test_work_is_listed_while_it_runs_and_ended_once(
    database: Database, scopes: tuple[int, int]
) -> None:
    moment = clock.now()
    actor = person(Role.OPERATOR, scopes[0])
    wanted = MaintenanceRequest(("device:1",), moment, moment + tomorrow(), "thay nguồn")
    with database.write() as session:
        number = service.create_maintenance(session, actor, wanted).id
        assert service.list_maintenances(session, actor).total == 1
        assert service.list_maintenances(session, person(Role.VIEWER, scopes[1])).total == 0
        with pytest.raises(NotFoundError):
            service.end_maintenance(session, person(Role.OPERATOR, scopes[1]), number)
        service.end_maintenance(session, actor, number)
        assert covered(session, clock.now()) == frozenset()
        assert service.list_maintenances(session, actor).total == 0
        assert service.list_maintenances(session, actor, is_over=True).total == 1
        with pytest.raises(ConflictError):
            service.end_maintenance(session, actor, number)


def test_work_called_off_before_it_began_never_covers_anything(
    database: Database, scopes: tuple[int, int]
) -> None:
    later = clock.now() + tomorrow()
    actor = person(Role.OPERATOR)
    wanted = MaintenanceRequest(("device:1",), later, later + tomorrow(), "x")
    with database.write() as session:
        row = service.create_maintenance(session, actor, wanted)
        service.end_maintenance(session, actor, row.id)
        assert covered(session, later + tomorrow(1)) == frozenset()
