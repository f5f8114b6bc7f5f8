"""A power company's cut is one page, and never taken for a carrier's, against a walk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.correlation import Policy
from tests.alerts.test_carriers import CARRIER, COMMUNES, World, cables, plant

if TYPE_CHECKING:
    from tests.alerts.plant import Plant

POWER = "power:EVN"
ALL = cables(*COMMUNES)


def fed(**companies: str) -> Plant:
    """Return the communes, each on a UPS fed by the company given."""
    made = plant()
    made.fed = {name: companies.get(name, "EVN") for name in COMMUNES}
    return made


@pytest.fixture
def world() -> World:
    return World(fed()).wait(10)


def dark(world: World, *names: str) -> World:
    """Let the batteries there run out."""
    world.plant.flat.update(names)
    return world


def test_a_power_cut_is_one_page_and_one_recovery(world: World) -> None:
    world.break_(POWER).wait(120)
    assert list(world.told.values()) == [POWER]
    world.mend(POWER).wait(120)
    assert (world.over, world.open, len(world.told)) == ([POWER], set(), 1)


def test_what_goes_dark_of_it_is_its_effect_and_no_carriers_outage(world: World) -> None:
    dark(world.break_(POWER).wait(600), *COMMUNES).wait(300)
    assert list(world.told.values()) == [POWER]
    assert world.outcome
    assert {f"site:{name}" for name in COMMUNES} <= world.outcome.cut.below(POWER)
    world.mend(POWER).wait(120)
    assert (world.over, world.open) == ([POWER], set())


def test_sites_without_a_power_company_that_go_dark_on_battery_are_no_carriers_outage() -> None:
    world = World(fed(**dict.fromkeys(COMMUNES, ""))).wait(10).break_("power:").wait(120)
    assert world.open == {f"ups:{name}" for name in COMMUNES}
    dark(world, *COMMUNES).wait(120)
    expected = {f"{kind}:{name}" for name in COMMUNES for kind in ("ups", "device")}
    assert world.open == expected
    assert len(world.told) == len(expected)


def test_a_carrier_is_out_though_its_sites_stand_on_ups(world: World) -> None:
    world.break_(*ALL).wait(120)
    assert list(world.told.values()) == [CARRIER]


def test_sites_lost_with_their_mains_present_are_the_carriers_beside_a_power_cut() -> None:
    half = World(fed(d="Other", e="Other", f="Other")).wait(10)
    dark(half.break_(POWER).wait(120), "a", "b", "c").wait(120)
    half.break_(*cables("d", "e", "f")).wait(120)
    assert half.open == {POWER, CARRIER}


def hub_on_battery() -> World:
    """Return a hub on battery with three communes; the others have mains of their own."""
    made = fed(**dict.fromkeys("def", "Own"))
    made.fed["core"] = "EVN"
    return World(made).wait(10).break_(POWER).wait(120)


def test_a_carrier_that_fails_behind_a_hub_on_battery_is_told() -> None:
    world = hub_on_battery().break_(*ALL).wait(120)
    assert world.open == {POWER, CARRIER}


def test_a_device_that_dies_behind_a_hub_on_battery_is_told() -> None:
    world = hub_on_battery().break_("device:d").wait(60)
    assert world.open == {POWER, "device:d"}


def test_a_carrier_that_failed_during_the_cut_is_told_once_the_mains_are_back(world: World) -> None:
    world.break_(POWER).wait(120).break_(*cables("a", "b", "c")).wait(300)
    assert world.open == {POWER}
    world.mend(POWER).wait(360)
    assert world.open == {POWER, CARRIER}
    world.mend(*ALL).wait(60)
    assert world.open == set()


def test_sites_that_start_minutes_after_the_mains_came_back_elsewhere_page_nobody(
    world: World,
) -> None:
    dark(world.break_(POWER).wait(120), "a", "b", "c").wait(60)
    world.plant.fed |= dict.fromkeys("def", "Back")
    world.wait(270).mend(POWER).wait(60)
    assert (list(world.told.values()), world.open) == ([POWER], set())


def test_two_ups_of_one_site_keep_no_cut_open() -> None:
    world = World(fed(e="Other", f="Other"))
    at_a = replace(world.graph.info["ups:b"], site="a")
    world.graph = replace(world.graph, info={**world.graph.info, "ups:b": at_a})
    world.wait(10).break_(POWER).wait(120)
    assert world.open == {POWER}
    world.plant.fed["d"] = "Back"
    world.wait(90)
    assert world.open == {"ups:a", "ups:b", "ups:c"}


def test_fewer_sites_than_a_power_cut_takes_are_told_one_by_one() -> None:
    few = World(fed(**dict.fromkeys("cdef", "Other"))).wait(10).break_(POWER).wait(120)
    assert few.open == {"ups:a", "ups:b"}


def test_one_ups_waits_one_round_of_polls_for_others_and_no_longer(world: World) -> None:
    world.plant.fed["a"] = "Own"
    world.break_("power:Own").wait(30)
    assert world.open == set()
    world.wait(10)
    assert world.open == {"ups:a"}


def test_a_device_that_failed_before_the_mains_did_keeps_its_own_page(world: World) -> None:
    world.break_("device:a").wait(120).break_(POWER).wait(120)
    assert world.open == {"device:a", POWER}


def test_a_device_that_died_on_battery_is_told_within_a_minute_of_the_return(world: World) -> None:
    world.break_(POWER).wait(120).break_("device:b").wait(120)
    assert world.open == {POWER}
    world.mend(POWER).wait(60)
    assert "device:b" in world.open
    world.mend("device:b").wait(120)
    assert world.open == set()


def test_ups_that_get_the_mains_back_one_after_another_tell_nobody(world: World) -> None:
    dark(world.break_(POWER).wait(120), "a", "b").wait(60)
    for name in COMMUNES:
        world.plant.fed[name] = "Back"
        world.wait(15)
    world.wait(60)
    assert (len(world.told), world.over) == (1, [POWER])


def test_announced_work_on_ups_speaks_for_no_power_cut(world: World) -> None:
    world.maintenance = frozenset(f"ups:{name}" for name in COMMUNES[:4])
    world.break_(POWER).wait(120)
    assert world.open == {"ups:e", "ups:f"}


def test_sabotage_nobody_knows_where_the_ups_stand() -> None:
    blind = fed()
    world = World(blind).wait(10)
    world.graph = replace(world.graph, info={}, supplies={})
    dark(world.break_(POWER).wait(120), *COMMUNES).wait(120)
    assert world.open > {CARRIER}
    assert POWER not in world.open


@dataclass
class Night:
    """Who feeds which place, hub or commune, and brings its circuit; whose battery runs out in
    which order; what was broken `before` the cut and what breaks in it, `later`.
    """

    made: Plant
    flat: list[str]
    before: set[str]
    later: list[str]


@st.composite
def cuts(draw: st.DrawFn) -> Night:
    """Draw a night with a power cut."""
    made = plant(**{name: draw(st.sampled_from(["VNPT", "Viettel"])) for name in COMMUNES})
    fed_by = {name: draw(st.sampled_from(["EVN", "EVN", "Other", ""])) for name in COMMUNES}
    made.fed = dict(fed_by)
    if draw(st.booleans()):
        made.fed["core"] = "EVN"
    mine = [name for name in COMMUNES if fed_by[name] == "EVN"]
    flat = draw(st.permutations(mine))[: draw(st.integers(0, len(mine)))]
    parts = [f"{kind}:{name}" for name in COMMUNES for kind in ("device", "link")]
    before = draw(st.sets(st.sampled_from(parts), max_size=2))
    lasting = [each for each in parts if each.partition(":")[2] not in flat] or ["link:a"]
    later = draw(st.lists(st.sampled_from(lasting), max_size=4, unique=True))
    return Night(made, list(flat), before, later)


def expected(made: Plant, lit_before: set[str]) -> set[str]:
    """Return what people must be told of by a walk over cables and mains, each by itself.

    `lit_before` are the devices whose UPS could be asked when the mains went. Of one that cannot
    be asked nobody knows that its mains are back, nor of any of them while none can be.
    """
    mine = {name for name in lit_before if made.fed.get(name) == "EVN"}
    is_back = POWER not in made.broken
    on_battery = mine - made.reached() if is_back else mine
    if len(mine) < Policy().power_places:
        return made.causes() | {f"ups:{name}" for name in on_battery}
    gone = set() if mine - on_battery else {f"device:{name}" for name in mine}
    return (made.causes() - gone) | ({POWER} if on_battery else set())


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(cuts(), st.sampled_from([0, 5, 15, 60]))
def test_a_cut_is_one_page_and_no_carriers_and_nothing_else_is_missed(
    night: Night, gap: int
) -> None:
    made = night.made
    world = World(made).wait(10).break_(*night.before).wait(120)
    assert world.open == made.causes()
    lit = made.reached()
    world.break_(POWER).wait(120)
    assert world.open == expected(made, lit)
    for name in night.flat:
        dark(world, name).wait(gap)
    for part in night.later:
        world.break_(part).wait(60)
    world.wait(120)
    assert world.open == expected(made, lit)
    assert len(world.told) == len(world.open)
    told = set(world.told.values())
    world.mend(POWER).wait(420)
    assert world.open == expected(made, lit)
    assert len(world.told) == len(told | world.open)
    world.mend(*night.before, *night.later).wait(120)
    assert world.open == set()
    assert len(world.over) == len(world.told)
