from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import power
from alerts.carriers import joined
from alerts.correlation import (
    Book,
    Condition,
    OpenIncident,
    Outcome,
    Policy,
    Situation,
    correlate,
    faults_of,
)
from alerts.graph import Graph, Health
from alerts.topology import InventoryView
from inventory.topology import Topology
from tests.alerts.plant import Plant
from tests.alerts.province import START

if TYPE_CHECKING:
    from datetime import datetime

COMMUNES = ("a", "b", "c", "d", "e", "f")
CARRIER = "provider:VNPT"


def plant(**carriers: str) -> Plant:
    """Return a core and communes, each behind one circuit of the carrier given."""
    leased = {name: carriers.get(name, "VNPT") for name in COMMUNES}
    cables = {name: ("core", name) for name in COMMUNES}
    return Plant(("core", *COMMUNES), frozenset({"core"}), cables, carriers=leased)


@dataclass
class World:
    """Polls everything each five seconds, or what `silent` leaves, and steps."""

    plant: Plant
    policy: Policy = field(default_factory=lambda: Policy(unheard=timedelta(seconds=35)))
    now: datetime = START
    book: Book = field(default_factory=Book)
    maintenance: frozenset[str] = frozenset()
    unknown: set[str] = field(default_factory=set)
    is_port_up: bool = False
    told: dict[int, str] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    measured: dict[str, Condition] = field(default_factory=dict)
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        view = InventoryView(
            Topology(self.plant.network()),
            self.plant.names(),
            self.plant.ends(),
            lines=self.plant.lines(),
            supplies=self.plant.supplies(),
        )
        self.graph = Graph.of(view, (f"ups:{name}" for name in self.plant.fed))
        self.ends = self.plant.ends()

    def wait(self, seconds: int, polled: bool = True) -> World:
        for _ in range(seconds // 5):
            self.now += timedelta(seconds=5)
            if polled:
                self.poll(*self.plant.polled)
            self.step()
        return self

    def poll(self, *elements: str) -> None:
        for looked_at in elements:
            for element, state in self.plant.seen(looked_at).items():
                is_hidden = self.is_port_up and state == "bad" and element in self.ends
                health = Health.GOOD if is_hidden else Health(state)
                if element in self.unknown:
                    health = Health.UNKNOWN
                before = self.measured.get(element)
                since = before.since if before and before.health is health else self.now
                key, of = f"state:{element}", self.ends.get(element, element)
                self.measured[element] = Condition(
                    key, of, "ElementDown", "critical", health, since, self.now
                )

    def step(self) -> None:
        faults = faults_of(self.measured.values())
        polled = frozenset(self.plant.polled)
        there = Situation(self.graph, faults, self.maintenance, self.now, self.policy, polled)
        outcome = correlate(joined(power.joined(there, self.book), self.book), self.book)
        if outcome.verify:
            self.poll(*outcome.verify)
            return self.step()
        self._keep(outcome)
        return None

    def _keep(self, outcome: Outcome) -> None:
        named = {each.number: each.fault for each in self.book.incidents}
        named |= {each.number: each.fault.key for each in outcome.moved}
        self.over += [named.pop(number) for number in outcome.resolved]
        known = {each.number: each for each in self.book.incidents}
        kept = []
        for opening in outcome.opened:
            number = len(self.told) + 1
            self.told[number] = opening.fault.key
            named[number] = opening.fault.key
            known[number] = OpenIncident(number, opening.fault.key, self.now, opening.verified)
        for number, fault in named.items():
            old = known[number]
            parts = old.parts | outcome.parts.get(fault, frozenset())
            kept.append(OpenIncident(number, fault, old.opened_at, old.verified, parts))
        self.book = Book(tuple(kept), dict(outcome.pending))
        self.outcome = outcome

    @property
    def open(self) -> set[str]:
        return {each.fault for each in self.book.incidents}

    def break_(self, *parts: str) -> World:
        self.plant.broken.update(parts)
        return self

    def mend(self, *parts: str) -> World:
        self.plant.broken.difference_update(parts)
        return self


def cables(*names: str) -> tuple[str, ...]:
    return tuple(f"link:{name}" for name in names)


ALL = cables(*COMMUNES)


@pytest.fixture
def world() -> World:
    return World(plant()).wait(10)


def test_a_carriers_outage_is_one_page_and_one_recovery(world: World) -> None:
    world.break_(*ALL).wait(120)
    assert list(world.told.values()) == [CARRIER]
    world.mend(*ALL).wait(120)
    assert (world.over, world.open, len(world.told)) == ([CARRIER], set(), 1)


def test_its_circuits_and_sites_are_its_effects(world: World) -> None:
    world.break_(*ALL).wait(60)
    assert world.outcome
    below = world.outcome.cut.below(CARRIER)
    assert {f"circuit:{name}" for name in COMMUNES} <= below
    assert {f"site:{name}" for name in COMMUNES} <= below


def test_it_is_so_where_the_carriers_boxes_keep_the_ports_up() -> None:
    world = World(plant(), is_port_up=True).wait(10).break_(*ALL).wait(120)
    assert list(world.told.values()) == [CARRIER]
    assert world.outcome
    assert "circuit:a" in world.outcome.cut.below(CARRIER)
    world.mend(*ALL).wait(120)
    assert (world.over, world.open) == ([CARRIER], set())


def test_circuits_noticed_one_after_another_are_still_one_page(world: World) -> None:
    world.break_(*ALL)
    for name in COMMUNES:
        world.wait(5, polled=False).poll(f"device:{name}")
    world.wait(90)
    assert list(world.told.values()) == [CARRIER]


def test_an_effect_told_before_the_carrier_was_seen_out_becomes_its_page(world: World) -> None:
    world.break_("link:a").wait(20)
    assert list(world.told.values()) == ["device:a"]
    world.break_(*ALL).wait(90)
    assert len(world.told) == 1
    assert world.open == {CARRIER}


def test_few_circuits_of_many_are_told_one_by_one() -> None:
    world = World(plant()).wait(10).break_(*cables("a", "b")).wait(90)
    assert world.open == {"device:a", "device:b"}


def test_circuits_at_fewer_places_than_an_outage_takes_are_told_one_by_one() -> None:
    world = World(plant(a="X", b="X")).wait(10).break_(*cables("a", "b")).wait(90)
    assert world.open == {"device:a", "device:b"}


def test_one_circuit_waits_for_no_other(world: World) -> None:
    world.break_("link:a").wait(15)
    assert world.open == {"device:a"}


def test_another_carriers_circuit_is_told_by_itself() -> None:
    world = World(plant(f="Viettel")).wait(10).break_(*ALL).wait(90)
    assert world.open == {CARRIER, "device:f"}


def test_a_device_that_died_meanwhile_is_told_within_a_minute_of_the_repair(world: World) -> None:
    world.break_(*ALL, "device:b").wait(300)
    assert world.open == {CARRIER}
    world.mend(*ALL).wait(60)
    assert world.open == {"device:b"}


def test_circuits_that_come_back_one_after_another_tell_nobody(world: World) -> None:
    world.break_(*ALL).wait(120)
    for each in ALL:
        world.mend(each).wait(15)
    world.wait(60)
    assert (len(world.told), world.over) == (1, [CARRIER])


def test_a_part_that_relapses_before_the_end_is_no_second_page(world: World) -> None:
    world.break_(*ALL).wait(120)
    world.mend("link:a").wait(20).break_("link:a").wait(60)
    assert len(world.told) == 1


def test_a_circuit_that_fails_much_later_is_told_by_itself(world: World) -> None:
    world.break_(*ALL[:-1]).wait(300).break_(ALL[-1]).wait(60)
    assert world.open == {CARRIER, "device:f"}


def test_nothing_recovers_while_a_part_is_unknown(world: World) -> None:
    world.break_(*ALL).wait(120)
    world.unknown.add("device:a")
    world.mend(*ALL).wait(300)
    assert world.open == {CARRIER}
    world.unknown.clear()
    world.wait(30)
    assert world.open == set()


def test_what_is_down_for_announced_work_speaks_for_no_outage(world: World) -> None:
    world.maintenance = frozenset(f"device:{name}" for name in COMMUNES[:4])
    world.break_(*ALL).wait(120)
    assert world.open == {"device:e", "device:f"}


def test_a_core_that_dies_is_no_carriers_outage(world: World) -> None:
    world.break_("device:core").wait(120)
    assert world.open == {"device:core"}


def test_a_relapse_after_the_recovery_is_a_new_page(world: World) -> None:
    world.break_(*ALL).wait(120).mend(*ALL).wait(120).break_(*ALL).wait(120)
    assert list(world.told.values()) == [CARRIER, CARRIER]


@st.composite
def outages(draw: st.DrawFn) -> tuple[Plant, list[str], list[str], set[str]]:
    """Draw who brings which commune its circuit, orders of loss and of return, and what else
    fails in the same moment.
    """
    carriers = {name: draw(st.sampled_from(["VNPT", "VNPT", "Viettel"])) for name in COMMUNES}
    made = plant(**carriers)
    lost = [f"link:{name}" for name, carrier in carriers.items() if carrier == "VNPT"]
    parts = [f"device:{name}" for name in COMMUNES]
    also = draw(st.sets(st.sampled_from(parts), max_size=2))
    return made, draw(st.permutations(lost)), draw(st.permutations(lost)), also


@settings(max_examples=20, deadline=None)
@given(outages(), st.sampled_from([0, 5, 10]), st.booleans())
def test_nothing_is_missed_and_nothing_told_twice(
    outage: tuple[Plant, list[str], list[str], set[str]], gap: int, is_port_up: bool
) -> None:
    made, lost, returned, also = outage
    world = World(made, is_port_up=is_port_up).wait(10).break_(*also)
    for link in lost:
        world.break_(link).wait(gap)
    world.wait(120)
    own = {f"link:{each.partition(':')[2]}" for each in also}
    hidden = {f"device:{each.partition(':')[2]}" for each in own.intersection(lost)}
    expected = made.causes()
    if len(lost) >= Policy().carrier_places:
        expected = {CARRIER, *(also - hidden)}
    assert world.open == expected
    assert len(world.told) == len(expected)
    for link in returned:
        world.mend(link).wait(gap)
    world.wait(60)
    assert world.open == also
    world.mend(*also).wait(120)
    assert world.open == set()
    assert len(world.over) == len(world.told)
