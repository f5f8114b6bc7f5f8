from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alerts import conditions, intake, repository, service, wording
from alerts.choices import Impact, IncidentState
from alerts.correlation import Outcome
from alerts.graph import ElementInfo, Graph, Health, cut
from alerts.models import Alert, Incident, IncidentEffect, IncidentEvent, Maintenance
from alerts.step import StepOptions, step
from alerts.topology import InventoryView
from hatang import clock
from hatang.auth import Actor
from hatang.errors import UnavailableError
from inventory.network import (
    DeviceNode,
    LinkEdge,
    Network,
    RoomNode,
    ServiceNode,
    SiteNode,
)
from inventory.topology import Topology
from monitors.models import ElementRow, HeartbeatRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from hatang.clock import Hand
    from hatang.db import AnySession, Database

NETWORK = Network(
    devices=(
        DeviceNode("core", "dc", is_root=True),
        DeviceNode("hub1", "hub1"),
        DeviceNode("hub2", "hub2"),
        DeviceNode("xa", "xa"),
        DeviceNode("srv", "dc"),
    ),
    links=(
        LinkEdge("core-hub1", "core", "hub1"),
        LinkEdge("core-hub2", "core", "hub2"),
        LinkEdge("hub1-xa", "hub1", "xa"),
        LinkEdge("hub2-xa", "hub2", "xa"),
        LinkEdge("core-srv", "core", "srv"),
    ),
    sites=(SiteNode("dc"), SiteNode("hub1"), SiteNode("hub2"), SiteNode("xa", 30)),
    services=(ServiceNode("portal", ("srv",)), ServiceNode("one-stop", (), ("portal",))),
    rooms=(RoomNode("room-xa", "xa"),),
)
ENDS = {
    "interface:core:eth1": "link:core-hub1",
    "interface:hub1:eth0": "link:core-hub1",
    "interface:core:eth2": "link:core-hub2",
    "interface:hub2:eth0": "link:core-hub2",
}
NAMES = {
    "device:xa": ElementInfo("device:xa", "device", "Xã Tân Lập router", "xa"),
    "site:xa": ElementInfo("site:xa", "site", "Xã Tân Lập", "xa", people=30),
}


class Monitors:
    """Stands in for the monitors: writes states and answers live looks from them."""

    def __init__(self, database: Database, hand: Hand) -> None:
        self.database = database
        self.hand = hand
        self.is_gone = False
        self.holder = "a"
        self.looked: Callable[[], None] = lambda: None

    def say(self, state: str, *elements: str, cause: str = "timeout") -> None:
        with self.database.write() as session:
            for element in elements:
                kind, owner, *rest = element.split(":")
                row = ElementRow(element=element, kind=kind, owner=owner, name="".join(rest))
                row.monitor, row.state, row.cause, row.since = "m", state, cause, clock.now()
                row.scope_id = None
                session.merge(row)

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        if self.is_gone:
            raise UnavailableError("the monitors do not answer")
        self.looked()
        with self.database.read() as session:
            rows = session.scalars(select(ElementRow).where(ElementRow.element.in_(elements)))
            return {row.element: Health(row.state) for row in rows}

    def view(self, _session: AnySession) -> InventoryView:
        return InventoryView(Topology(NETWORK), NAMES, ENDS, {"10.9.9.9": "device:xa"})

    def beat(self) -> None:
        with self.database.write() as session:
            session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))

    def step(self, *, after: float = 0) -> Outcome | None:
        self.hand.advance(after)
        if not self.is_gone:
            self.beat()
        return step(self.database, self.view, self, StepOptions(self.holder))

    def incidents(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.scalars(select(Incident).order_by(Incident.id))
            return [(row.element, row.state) for row in rows]

    def effects(self, impact: Impact) -> set[str]:
        with self.database.read() as session:
            rows = select(IncidentEffect.element).where(IncidentEffect.impact == impact)
            return set(session.scalars(rows))


@pytest.fixture
def monitors(sqlite_database: Database) -> Iterator[Monitors]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        made = Monitors(sqlite_database, hand)
        made.say("good", *(f"device:{each.key}" for each in NETWORK.devices))
        yield made


def test_an_outage_becomes_one_incident_with_people_and_rooms_as_effects(
    monitors: Monitors,
) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    assert monitors.incidents() == []
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]
    assert monitors.effects(Impact.DOWN) == {"site:xa", "room:room-xa"}
    monitors.say("good", "device:xa")
    monitors.step()
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.RESOLVED)]


def test_a_dead_hub_explains_its_links_and_degrades_what_has_another_way(
    monitors: Monitors,
) -> None:
    monitors.say("bad", "interface:core:eth1", "device:hub1", cause="oper_down")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:hub1", IncidentState.OPEN)]
    assert "device:xa" in monitors.effects(Impact.DEGRADED)


def test_a_cut_cable_between_living_devices_is_one_incident_for_both_ends(
    monitors: Monitors,
) -> None:
    monitors.say("bad", "interface:core:eth1", "interface:hub1:eth0", cause="oper_down")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == [("link:core-hub1", IncidentState.OPEN)]


def test_both_hubs_dead_are_two_incidents_and_the_commune_is_none(monitors: Monitors) -> None:
    monitors.say("bad", "device:hub1", "device:hub2", "device:xa")
    for _ in range(4):
        monitors.step(after=11)
    assert sorted(monitors.incidents()) == [("device:hub1", "open"), ("device:hub2", "open")]


def test_a_dead_server_lists_its_services_and_those_that_need_them(monitors: Monitors) -> None:
    monitors.say("bad", "device:srv")
    monitors.step()
    monitors.step(after=11)
    assert {"service:portal", "service:one-stop"} <= monitors.effects(Impact.DOWN)


def test_a_neighbour_session_lost_with_a_device_is_no_incident(monitors: Monitors) -> None:
    monitors.say("bad", "device:hub1")
    monitors.say("bad", "ospf:xa:10.0.0.1", "bgp:core:10.0.0.2", cause="neighbour_lost")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:hub1", IncidentState.OPEN)]


def test_a_session_lost_with_a_far_device_is_no_incident(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.say("bad", "bgp:core:10.9.9.9", cause="neighbour_lost")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]


def test_gone_monitors_delay_a_page_and_do_not_prevent_it(monitors: Monitors) -> None:
    monitors.is_gone = True
    monitors.say("bad", "device:xa")
    monitors.step(after=1)
    monitors.step(after=11)
    assert monitors.incidents() == []
    monitors.step(after=10)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]


def test_a_second_process_waits_for_the_lease_and_then_goes_on(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.holder = "b"
    assert monitors.step(after=5) is None
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]


def test_a_window_withholds_and_its_end_reveals(monitors: Monitors) -> None:
    start = clock.now()
    with monitors.database.write() as session:
        row = Maintenance(reason="x", elements=["device:xa"], source="manual", created_by="An")
        row.starts_at, row.created_at = start, start
        row.ends_at = start.replace(minute=1)
        session.add(row)
    monitors.say("bad", "device:xa")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == []
    monitors.step(after=20)
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]


def test_work_at_a_port_withholds_its_link(monitors: Monitors) -> None:
    start = clock.now()
    port = "interface:core:eth1"
    with monitors.database.write() as session:
        row = Maintenance(reason="x", elements=[port], source="manual", created_by="An")
        row.starts_at, row.created_at = start, start
        row.ends_at = start.replace(minute=10)
        session.add(row)
    monitors.say("bad", port, "interface:hub1:eth0", cause="oper_down")
    for _ in range(4):
        monitors.step(after=11)
    assert monitors.incidents() == []


def test_a_closed_incident_stays_closed_and_a_bad_measurement_opens_another(
    monitors: Monitors,
) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.step(after=11)
    monitors.say("unknown", "device:xa", cause="stale")
    with monitors.database.write() as session:
        service.close(session, Actor.system("An"), 1, reason="x")
    for _ in range(3):
        monitors.step(after=11)
    assert [state for _, state in monitors.incidents()] == ["resolved"]
    monitors.say("bad", "device:xa")
    for _ in range(3):
        monitors.step(after=11)
    assert [state for _, state in monitors.incidents()] == ["resolved", "open"]


def test_a_close_during_a_step_is_not_written_over(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.step(after=11)
    with monitors.database.write() as session:
        monitors.say("unknown", "device:xa", cause="stale")
        service.close(session, Actor.system("An"), 1, reason="x")
        closed = clock.now()
    monitors.hand.advance(30)
    with monitors.database.write() as session:
        graph = Graph.of(monitors.view(session))
        resolved = Outcome(cut(graph, {}, {}), (), (), (1,), {}, {}, frozenset())
        repository.apply(session, graph, resolved)
        assert session.get_one(Incident, 1).resolved_at == closed


@pytest.mark.parametrize(("element", "count"), [("device:srv", 1), (None, 1)])
def test_an_alert_of_prometheus_is_an_incident_even_without_an_element(
    monitors: Monitors, element: str | None, count: int
) -> None:
    with monitors.database.write() as session:
        row = Alert(sender="p", fingerprint="f", labels={"alertname": "X"}, annotations={})
        row.element, row.state, row.since = element, "firing", clock.now()
        row.starts_at = row.received_at = clock.now()
        row.ends_at = clock.now().replace(minute=1)
        session.add(row)
    monitors.step()
    monitors.step(after=11)
    monitors.step(after=11)
    assert len(monitors.incidents()) == count
    monitors.step(after=3600)
    monitors.step(after=3600)
    assert {state for _, state in monitors.incidents()} == {"open"}, "a lapse is no recovery"


def test_dead_hubs_page_each_though_their_links_are_reported_down(monitors: Monitors) -> None:
    monitors.say("bad", "interface:core:eth1", "interface:core:eth2", cause="oper_down")
    monitors.say("bad", "device:hub1", "device:hub2", "device:xa")
    for _ in range(4):
        monitors.step(after=11)
    assert sorted(monitors.incidents()) == [("device:hub1", "open"), ("device:hub2", "open")]


@pytest.mark.parametrize(("down_for", "count"), [(18, 1), (60, 2)])
@pytest.mark.parametrize("fallen", [("interface:core:eth1",), ()])
def test_a_link_is_told_only_when_it_stays_down_after_its_device_came_back(
    monitors: Monitors, fallen: tuple[str, ...], down_for: int, count: int
) -> None:
    outage_of_hub1(monitors, *fallen)
    if not fallen:
        monitors.say("bad", "interface:core:eth1", cause="oper_down")
    for _ in range(down_for):
        monitors.step(after=1)
    monitors.say("good", "interface:core:eth1", cause="oper_up")
    for _ in range(3):
        monitors.step(after=11)
    assert len(monitors.incidents()) == count


def test_what_a_dead_monitor_called_good_recovers_nothing(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.step(after=11)
    monitors.is_gone = True
    monitors.hand.advance(60)
    monitors.say("good", "device:xa")  # written long ago, as far as anybody can tell
    monitors.step()
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]
    monitors.is_gone = False
    monitors.step()
    assert monitors.incidents() == [("device:xa", IncidentState.RESOLVED)]


def test_a_dead_monitor_takes_no_effect_from_an_open_incident(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.step(after=11)
    monitors.is_gone = True
    monitors.step(after=120)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]
    assert monitors.effects(Impact.DOWN) == {"site:xa", "room:room-xa"}


@pytest.mark.parametrize(("state", "cause"), [("bad", "timeout"), ("degraded", "snmp_silent")])
def test_an_alert_that_resolves_because_nothing_is_measured_any_more_is_no_recovery(
    monitors: Monitors, state: str, cause: str
) -> None:
    errors = {"alertname": "InterfaceErrors", "element": "interface:xa:eth9", "severity": "warning"}
    post(monitors, errors)
    monitors.step()
    monitors.step(after=11)
    opened = ("interface:xa:eth9", IncidentState.OPEN)
    assert monitors.incidents() == [opened]
    monitors.say(state, "device:xa", cause=cause)
    post(monitors, errors, is_over=True)
    for _ in range(3):
        monitors.step(after=11)
    assert opened in monitors.incidents()
    monitors.say("good", "device:xa", cause="answered")
    for _ in range(6):
        monitors.step(after=11)
    assert {each for _, each in monitors.incidents()} == {IncidentState.RESOLVED}


def test_what_a_prometheus_says_is_over_before_it_measured_anew_is_no_recovery(
    monitors: Monitors,
) -> None:
    runs_out = {"alertname": "UpsRunsOut", "element": "device:xa", "severity": "critical"}
    post(monitors, runs_out)
    monitors.step()
    monitors.step(after=11)
    opened = monitors.incidents()
    monitors.step(after=600)  # Prometheus stood still: what it measured before is too old
    post(monitors, runs_out, is_over=True)
    monitors.step()
    monitors.step(after=15)
    post(monitors, runs_out)
    for _ in range(6):
        monitors.step(after=11)
    assert monitors.incidents() == opened


def test_a_flapping_device_neither_recovers_nor_pages_again(monitors: Monitors) -> None:
    monitors.say("bad", "device:xa")
    monitors.step()
    monitors.step(after=11)
    for state in ("degraded", "bad", "degraded"):
        monitors.say(state, "device:xa", cause="flapping")
        for _ in range(4):
            monitors.step(after=11)
        assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]
    monitors.say("good", "device:xa", cause="answered")
    monitors.step()
    monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.RESOLVED)]


def test_a_cause_found_further_up_takes_the_incident_over_without_a_second_page(
    monitors: Monitors,
) -> None:
    monitors.is_gone = True  # no live look says in time that the core is dead too
    monitors.say("bad", "device:hub1")
    for _ in range(3):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:hub1", IncidentState.OPEN)]
    monitors.is_gone = False
    monitors.say("bad", *(f"device:{each.key}" for each in NETWORK.devices if each.key != "hub1"))
    for _ in range(3):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:core", IncidentState.OPEN)]
    with monitors.database.read() as session:
        kinds = session.scalars(select(IncidentEvent.kind).order_by(IncidentEvent.id)).all()
        told = wording.cause(session.scalars(select(Incident)).one())
    assert kinds == ["opened", "cause_moved"]
    assert told == "core (first seen at hub1)"


def test_after_a_pause_of_the_worker_what_is_told_was_looked_at_first(monitors: Monitors) -> None:
    monitors.hand.advance(60)
    monitors.say("bad", "interface:core:eth1", cause="oper_down")
    monitors.step()
    monitors.hand.advance(60)  # nobody steps, and the patience for a look runs out
    monitors.step()
    assert monitors.incidents() == [("link:core-hub1", IncidentState.OPEN)]
    monitors.hand.advance(13)
    monitors.say("bad", "device:core")
    for _ in range(3):
        monitors.step(after=11)
    assert monitors.incidents() == [
        ("link:core-hub1", IncidentState.OPEN),
        ("device:core", IncidentState.OPEN),
    ]


def test_a_broken_child_of_a_parent_in_maintenance_pages(monitors: Monitors) -> None:
    with monitors.database.write() as session:
        row = Maintenance(reason="x", elements=["device:hub1", "device:hub2"], source="manual")
        row.created_by, row.starts_at, row.created_at = "An", clock.now(), clock.now()
        row.ends_at = clock.now() + timedelta(hours=1)
        session.add(row)
    monitors.say("bad", "device:xa")
    for _ in range(3):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:xa", IncidentState.OPEN)]


def outage_of_hub1(monitors: Monitors, *fallen: str) -> None:
    """Break hub1 with what else is seen to fall, until it is told; then hub1 answers again."""
    monitors.say("bad", "device:hub1", *fallen)
    for _ in range(8):
        monitors.step(after=11)
    assert monitors.incidents() == [("device:hub1", IncidentState.OPEN)]
    monitors.say("good", "device:hub1", cause="answered")
    monitors.step(after=1)


@pytest.mark.slow
def test_a_port_whose_last_state_is_older_than_the_repair_is_no_second_page(
    monitors: Monitors,
) -> None:
    port = "interface:core:eth1"
    outage_of_hub1(monitors, port)
    monitors.looked = lambda: monitors.say("good", port, cause="oper_up")
    for _ in range(30):
        monitors.step(after=1)
    assert monitors.incidents() == [("device:hub1", IncidentState.RESOLVED)]


@pytest.mark.slow
def test_a_port_still_down_after_the_repair_is_told_within_a_minute(monitors: Monitors) -> None:
    outage_of_hub1(monitors, "interface:core:eth1")
    for _ in range(30):
        monitors.step(after=1)
    assert monitors.incidents()[1:] == [("link:core-hub1", IncidentState.OPEN)]


@pytest.mark.slow
def test_a_session_has_time_to_come_back_after_the_repair_and_no_longer(
    monitors: Monitors,
) -> None:
    outage_of_hub1(monitors, "ospf:core:10.0.0.1")
    for _ in range(11):
        monitors.step(after=10)
    assert monitors.incidents() == [("device:hub1", IncidentState.RESOLVED)]
    for _ in range(3):
        monitors.step(after=10)
    assert monitors.incidents()[1:] == [("ospf:core:10.0.0.1", IncidentState.OPEN)]


def test_an_alert_judged_before_the_repair_is_no_second_page(monitors: Monitors) -> None:
    errors = {"alertname": "InterfaceErrors", "element": "interface:hub1:eth9"}
    monitors.say("bad", "device:hub1")
    post(monitors, errors)
    outage_of_hub1(monitors)
    for _ in range(4):
        monitors.step(after=10)
    post(monitors, errors, is_over=True)
    for _ in range(4):
        monitors.step(after=10)
    assert monitors.incidents() == [("device:hub1", IncidentState.RESOLVED)]


def post(monitors: Monitors, labels: dict[str, str], *, is_over: bool = False) -> None:
    ends = clock.now() if is_over else clock.now() + timedelta(hours=1)
    body = [{"labels": labels, "endsAt": ends.isoformat()}]
    with monitors.database.write() as session:
        intake.ingest(session, Actor.system("prometheus"), intake.read("p", body))


def test_of_parts_that_work_only_those_of_watched_faults_are_read(monitors: Monitors) -> None:
    monitors.say("good", "interface:core:eth1", "interface:hub1:eth0", "interface:core:eth2")
    monitors.say("bad", "interface:hub2:eth0", cause="oper_down")
    with monitors.database.read() as session:
        idle = conditions.read(session, ENDS)
        watched = conditions.read(session, ENDS, {"link:core-hub1"})
    links = [
        {each.key for each in found.conditions if each.element.startswith("link:")}
        for found in (idle, watched)
    ]
    bad = {"state:interface:hub2:eth0"}
    assert links == [bad, bad | {"state:interface:core:eth1", "state:interface:hub1:eth0"}]
