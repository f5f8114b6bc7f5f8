"""Who sees one place is told what above it cuts it off, and nothing of other places."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from alerts import service
from alerts.models import Incident
from alerts.service.tickets import TicketInput
from hatang import clock, scope
from hatang.auth import Actor, Role
from hatang.errors import DeniedError
from inventory.models import Circuit, Device, Site, Unit
from tests.alerts.test_carrier_page import COMMUNES, Worker, draw, viewer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database

LAN = Actor(3, "lan", frozenset({Role.OPERATOR}), None)


class Scoped(Worker):
    """A worker over communes that each have a scope of their own."""

    communes: dict[str, int]

    def place(self) -> None:
        with self.database.write() as session:
            draw(session)
            top = session.scalars(select(Unit.scope_id)).one()
            self.communes = {name: scope.add(session, top) for name in COMMUNES}
            for name, at in self.communes.items():
                for table, is_it in (
                    (Device, Device.name == name),
                    (Site, Site.slug == name),
                    (Circuit, Circuit.cid == f"VNPT-{name}"),
                ):
                    session.execute(update(table).where(is_it).values(scope_id=at))

    def above(self, name: str) -> tuple[service.CauseAbove, ...]:
        with self.database.read() as session:
            return service.causes_above(session, viewer(name, self.communes[name]))


@pytest.fixture
def worker(sqlite_database: Database) -> Iterator[Scoped]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        made = Scoped(sqlite_database, hand)
        made.place()
        yield made


@pytest.fixture
def out(worker: Scoped) -> Scoped:
    """The carrier is out, and with it every commune."""
    worker.say("bad")
    worker.work(60)
    return worker


def test_a_commune_is_told_the_cause_its_hotline_and_its_own_part_alone(out: Scoped) -> None:
    (one,) = out.above("a")
    assert (one.name, one.alertname) == ("VNPT", "CarrierOutage")
    assert (one.party, one.hotline, one.people) == ("VNPT", "18001166", ())
    assert {each.name for each in one.hit} == {"a", "VNPT-a"}
    assert not any(f"{name}" in str(one.hit) for name in ("VNPT-b", "VNPT-c", "HĐ-", "KH-7"))


def test_it_is_told_that_somebody_works_on_it_and_until_when(out: Scoped) -> None:
    promised = clock.now().replace(hour=4)
    with out.database.write() as session:
        number = session.scalars(select(Incident.id)).one()
        service.acknowledge(session, LAN, number, note="x", ends_at=promised)
        service.record_ticket(session, LAN, number, TicketInput("VNPT", "SC-1", promised, ""))
    (one,) = out.above("b")
    assert (one.is_taken, one.promised_at) == (True, promised)


def test_who_sees_the_incident_itself_is_told_nothing_twice(out: Scoped) -> None:
    with out.database.read() as session:
        assert service.causes_above(session, LAN) == ()
        top = session.scalars(select(Unit.scope_id)).one()
        assert service.causes_above(session, viewer("tinh", top)) == ()


def test_what_is_over_or_hits_others_is_not_told(worker: Scoped) -> None:
    worker.say("bad")
    worker.work(60)
    worker.say("good")
    worker.work(60)
    assert worker.above("a") == ()


def test_who_may_read_no_incident_is_refused(out: Scoped) -> None:
    nobody = Actor(9, "x", frozenset(), frozenset({out.communes["a"]}))
    with out.database.read() as session, pytest.raises(DeniedError):
        service.causes_above(session, nobody)
