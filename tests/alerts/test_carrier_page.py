from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from alerts import ledger
from alerts.choices import IncidentState
from alerts.correlation import Policy
from alerts.graph import Health
from alerts.loading import load_view
from alerts.models import Incident
from alerts.service import incidents
from alerts.step import StepOptions, step
from hatang import clock, scope
from hatang.auth import Actor, Role
from hatang.errors import ConflictError
from inventory.models import Circuit, Device, Interface, Link, Provider, Site, Unit
from monitors.models import ElementRow, HeartbeatRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hatang.clock import Hand
    from hatang.db import Database, WriteSession

COMMUNES = ("a", "b", "c")
URL = "http://127.0.0.1:9093"


def draw(session: WriteSession) -> None:
    """Draw a core and three communes, each behind one circuit of VNPT, all measured good."""
    at = scope.add(session)
    session.add(Unit(id=1, scope_id=at, code="tinh", name="Tỉnh", kind="province"))
    session.add(Provider(id=1, name="VNPT", hotline="18001166", account="KH-7"))
    session.flush()
    for number, name in enumerate(("core", *COMMUNES), start=1):
        session.add(Site(id=number, scope_id=at, slug=name, name=name, unit_id=1, kind="hub"))
        session.flush()
        device = {"device_key": name, "name": name, "role": "core" if number == 1 else "commune"}
        session.add(Device(id=number, scope_id=at, site_id=number, platform="frr", **device))
        session.flush()
        for port in (number, number + 10):
            session.add(Interface(id=port, scope_id=at, device_id=number, name=f"eth{port}"))
        for each in range(21, 24) if number == 1 else ():
            session.add(Interface(id=each, scope_id=at, device_id=1, name=f"eth{each}"))
        row = {"element": f"device:{name}", "kind": "device", "owner": name, "name": name}
        session.add(
            ElementRow(monitor="m", scope_id=at, state="good", cause="answered",
                       since=clock.now(), **row)
        )  # fmt: skip
    session.flush()
    for number, name in enumerate(COMMUNES, start=2):
        ends = {"a_site_id": 1, "z_site_id": number, "contract_number": f"HĐ-{name}"}
        session.add(Circuit(id=number, scope_id=at, cid=f"VNPT-{name}", provider_id=1, **ends))
        session.flush()
        wired = {"a_interface_id": 19 + number, "z_interface_id": number}
        session.add(Link(scope_id=at, circuit_id=number, **wired))
    session.flush()


class Worker:
    """Steps each five seconds; live looks show what the states say."""

    def __init__(self, database: Database, hand: Hand) -> None:
        self.database = database
        self.hand = hand
        self.state = "good"

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        return {each: Health(self.state if each != "device:core" else "good") for each in elements}

    def say(self, state: str) -> None:
        self.state = state
        mine = ElementRow.element.in_([f"device:{name}" for name in COMMUNES])
        with self.database.write() as session:
            session.execute(update(ElementRow).where(mine).values(state=state, since=clock.now()))

    def work(self, seconds: int) -> None:
        policy = Policy(unheard=timedelta(seconds=36))
        for number in range(seconds // 5):
            self.hand.advance(5)
            with self.database.write() as session:
                session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))
            holder = StepOptions(f"worker-{number // 4}", policy)
            step(self.database, load_view, self, holder)

    def incidents(self) -> list[Incident]:
        with self.database.read() as session:
            return list(session.scalars(select(Incident).order_by(Incident.id)))


@pytest.fixture
def worker(database: Database) -> Iterator[Worker]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        with database.write() as session:
            draw(session)
        yield Worker(database, hand)


def test_a_carriers_page_names_hotline_contract_and_circuits(
    worker: Worker, database: Database
) -> None:
    worker.say("bad")
    worker.work(60)
    with database.write() as session:
        (item,) = ledger.prepare(session, ledger.Plan([URL]))
    told = item.annotations
    assert told["summary_en"].startswith("CarrierOutage: VNPT; 18001166; 3 circuits, 3 devices")
    assert told["call_vi"].startswith("VNPT: 18001166")
    assert all(part in told["call_en"] for part in ("HĐ-a", "HĐ-b", "HĐ-c", "KH-7"))
    assert "VNPT-a, VNPT-b, VNPT-c" in told["effects_en"]


def test_what_an_outage_was_inferred_from_outlives_the_process(worker: Worker) -> None:
    worker.say("bad")
    worker.work(60)
    worker.say("good")
    worker.work(60)
    assert [(each.fault, each.state) for each in worker.incidents()] == [
        ("provider:VNPT", IncidentState.RESOLVED)
    ]


def test_an_outage_is_not_closed_while_a_circuit_of_it_is_out(
    worker: Worker, database: Database
) -> None:
    worker.say("bad")
    worker.work(60)
    (one,) = worker.incidents()
    with database.write() as session, pytest.raises(ConflictError):
        incidents.close(session, Actor.system("hatang"), one.id, reason="they said so")


def test_a_carriers_incident_belongs_to_the_unit_above_all_that_it_hits(
    worker: Worker, database: Database
) -> None:
    with database.write() as session:
        top = session.scalars(select(Unit.scope_id)).one()
        district, elsewhere = scope.add(session, top), scope.add(session, top)
        communes = [scope.add(session, district) for _ in COMMUNES]
        for name, at in zip(COMMUNES, communes, strict=True):
            session.execute(update(Device).where(Device.name == name).values(scope_id=at))
            its = Circuit.cid == f"VNPT-{name}"
            session.execute(update(Circuit).where(its).values(scope_id=at))
    worker.say("bad")
    worker.work(60)
    (one,) = worker.incidents()
    assert one.scope_id == district
    reach = {"district": district, "commune": communes[0], "elsewhere": elsewhere}
    with database.read() as session:
        seen = {
            name: incidents.list_incidents(session, viewer(name, at)).total
            for name, at in reach.items()
        }
    assert seen == {"district": 1, "commune": 0, "elsewhere": 0}


def viewer(name: str, at: int) -> Actor:
    return Actor(7, name, frozenset({Role.VIEWER}), frozenset({at}))
