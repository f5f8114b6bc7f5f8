"""Correlation over random networks and storms, step by step as in production, against a walk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from alerts.choices import Impact, IncidentState
from alerts.correlation import Policy
from alerts.graph import Health
from alerts.models import Check, Incident, IncidentEffect, IncidentEvent, Lease, Pending
from alerts.step import StepOptions, step
from alerts.topology import InventoryView
from hatang import clock
from inventory.topology import Topology
from monitors.models import ElementRow, HeartbeatRow
from tests.alerts.plant import Plant

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from hatang.clock import Hand
    from hatang.db import AnySession, Database
    from tests.alerts.plant import Services

pytestmark = pytest.mark.slow

START: Final = datetime(2026, 11, 22, tzinfo=UTC)
TICK: Final = 5
PERIOD: Final = 30
POLICY: Final = Policy(unheard=timedelta(seconds=PERIOD + TICK))
SETTLED: Final = PERIOD + 60
"""Within a poll period and a minute everything there is to tell is told."""
TABLES: Final = (
    *(IncidentEffect, IncidentEvent, Incident, Pending, Check, Lease),
    *(ElementRow, HeartbeatRow),
)


@dataclass
class Storm:
    """A plant with its monitors, which poll each device once a period, and the worker's steps."""

    database: Database
    hand: Hand
    plant: Plant
    holder: int = 0
    ticks: int = 0
    _view: InventoryView = field(init=False)

    def __post_init__(self) -> None:
        with self.database.write() as session:
            for table in TABLES:
                session.execute(delete(table))
        network, ends = Topology(self.plant.network()), self.plant.ends()
        self._view = InventoryView(network, {}, ends, lines=self.plant.lines())
        self.poll(self.plant.polled)

    def poll(self, elements: Iterable[str]) -> None:
        """Write what a poll of each gives, as a monitor does: only what changed."""
        with self.database.write() as session:
            session.merge(HeartbeatRow(monitor="m", epoch="e", at=clock.now()))
            known = {row.element: row for row in session.scalars(select(ElementRow))}
            for looked_at in elements:
                for element, state in self.plant.seen(looked_at).items():
                    if element in known and known[element].state == state:
                        continue
                    kind = element.partition(":")[0]
                    row = ElementRow(element=element, kind=kind, owner="", name="")
                    row.monitor, row.state, row.cause, row.since = "m", state, "x", clock.now()
                    row.scope_id = None
                    session.merge(row)

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        """Look at elements now; the look is a poll."""
        self.poll(elements)
        return {each: Health(self.plant.seen(each)[each]) for each in elements}

    def view(self, _session: AnySession) -> InventoryView:
        return self._view

    def restart(self) -> None:
        """Kill the worker; another begins after the lease."""
        self.holder += 1

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds // TICK):
            self.hand.advance(TICK)
            self.ticks += 1
            slots = PERIOD // TICK
            due = [
                name
                for n, name in enumerate(self.plant.polled)
                if (n * 7 + self.ticks) % slots == 0
            ]
            self.poll(due)
            step(self.database, self.view, self, StepOptions(str(self.holder), POLICY))

    def incidents(self) -> list[Incident]:
        with self.database.read() as session:
            return list(session.scalars(select(Incident).order_by(Incident.id)))

    def hit(self) -> set[str]:
        """Return the devices that incidents call cut off, their causes included."""
        mine = (IncidentEffect.impact == Impact.DOWN, IncidentEffect.kind == "device")
        with self.database.read() as session:
            effects = set(session.scalars(select(IncidentEffect.element).where(*mine)))
        return effects | {name for name in self.told() if name.startswith("device:")}

    def told(self) -> set[str]:
        """Return the causes that open incidents name."""
        return {each.element for each in self.incidents() if each.state != IncidentState.RESOLVED}


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    """Draw a connected network with some redundancy; the first device is a root."""
    names = tuple(f"d{number}" for number in range(draw(st.integers(2, 7))))
    cables = {
        f"c{number}": (draw(st.sampled_from(names[:number])), names[number])
        for number in range(1, len(names))
    }
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    for number, ends in enumerate(draw(st.lists(pairs.filter(lambda p: p[0] != p[1]), max_size=4))):
        cables[f"x{number}"] = ends
    roots = frozenset(names[: draw(st.integers(1, 2))])
    services: Services = {}
    for number in range(draw(st.integers(0, 3))):
        runs_on = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        needs = draw(st.lists(st.sampled_from(tuple(services)), max_size=1)) if services else []
        services[f"s{number}"] = (tuple(runs_on), tuple(needs))
    return Plant(names, roots, cables, services)


@st.composite
def storms(draw: st.DrawFn) -> tuple[Plant, list[tuple[str, int]]]:
    """Draw a plant and what happens to it: a part breaks or is mended, or `restart`; then time."""
    plant = draw(plants())
    events = st.tuples(
        st.sampled_from([*plant.parts, "restart"]), st.sampled_from([0, 5, 10, 15, 30, 60, 90])
    )
    return plant, draw(st.lists(events, min_size=1, max_size=8))


OPTIONS = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@OPTIONS
@given(plant=plants(), data=st.data())
def test_faults_at_once_are_one_page_a_cause_and_one_recovery_each(
    sqlite_database: Database, plant: Plant, data: st.DataObject
) -> None:
    faults = data.draw(st.sets(st.sampled_from(plant.parts), min_size=1, max_size=3))
    with clock.frozen(START) as hand:
        storm = Storm(sqlite_database, hand, plant)
        storm.pass_time(PERIOD)
        plant.broken |= faults
        storm.pass_time(SETTLED)
        assert storm.told() == plant.causes()
        assert len(storm.incidents()) == len(plant.causes())
        pages = len(storm.incidents())
        plant.broken.clear()
        storm.pass_time(SETTLED)
        assert storm.told() == set()
        assert len(storm.incidents()) == pages


@OPTIONS
@given(plant=plants(), data=st.data())
def test_the_page_of_a_fault_names_everybody_it_cuts_off_and_nobody_else(
    sqlite_database: Database, plant: Plant, data: st.DataObject
) -> None:
    fault = data.draw(st.sampled_from(plant.parts))
    with clock.frozen(START) as hand:
        storm = Storm(sqlite_database, hand, plant)
        storm.pass_time(PERIOD)
        plant.broken.add(fault)
        for _ in range(SETTLED // TICK):
            storm.pass_time(TICK)
            if storm.told():
                break
        assert storm.told() == plant.causes()
        cut_off = {f"device:{name}" for name in set(plant.devices) - plant.reached()}
        assert storm.hit() == cut_off


@OPTIONS
@given(drawn=storms())
def test_after_any_storm_every_cause_is_told_and_nothing_that_works(
    sqlite_database: Database, drawn: tuple[Plant, list[tuple[str, int]]]
) -> None:
    plant, events = drawn
    with clock.frozen(START) as hand:
        storm = Storm(sqlite_database, hand, plant)
        storm.pass_time(PERIOD)
        for part, seconds in events:
            if part == "restart":
                storm.restart()
            else:
                plant.broken ^= {part}
            storm.pass_time(seconds)
        storm.pass_time(SETTLED)
        assert plant.causes() <= storm.told()
        assert not storm.told() & plant.fine()
        told = [each.fault for each in storm.incidents() if each.state != IncidentState.RESOLVED]
        assert len(told) == len(set(told))
        pages = len(storm.incidents())
        plant.broken.clear()
        storm.pass_time(SETTLED)
        assert storm.told() == set()
        assert len(storm.incidents()) == pages


def test_sabotage_a_correlation_that_knows_no_cable(sqlite_database: Database) -> None:
    cables = {"c1": ("d0", "d1"), "c2": ("d1", "d2")}
    plant = Plant(("d0", "d1", "d2"), frozenset({"d0"}), cables)
    with clock.frozen(START) as hand:
        storm = Storm(sqlite_database, hand, plant)
        storm._view = InventoryView(Topology(replace(plant.network(), links=())), {}, {})
        storm.pass_time(PERIOD)
        plant.broken.add("device:d1")
        storm.pass_time(SETTLED)
        assert plant.causes() < storm.told()
