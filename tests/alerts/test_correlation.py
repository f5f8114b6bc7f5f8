from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.correlation import LOOKS_BELOW, Condition, Policy, Withheld, faults_of
from alerts.graph import Health
from tests.alerts.province import START, Province, groups

TREE = groups(core="", hub1="core", hub2="core", a="hub1", b="hub1|hub2", c="hub2")


@pytest.fixture
def province() -> Province:
    made = Province(dict(TREE))
    made.settle(4)
    return made


def test_a_dead_core_is_one_incident_with_everything_below_as_effect(province: Province) -> None:
    province.broken = {"core"}
    province.settle()
    assert [province.cause[number] for number in province.paged] == ["core"]
    assert province.step().cut.below("core") == {"hub1", "hub2", "a", "b", "c"}


def test_the_page_comes_after_one_poll_period(province: Province) -> None:
    province.broken = {"core"}
    province.measure()
    assert not province.step().opened
    province.pass_time(9.9)
    assert not province.step().opened
    province.pass_time(0.1)
    assert [each.fault.element for each in province.step().opened] == ["core"]


def test_a_child_measured_first_leads_to_its_cause_by_a_live_look_upwards(
    province: Province,
) -> None:
    province.broken = {"core"}
    province.measure("a")
    province.step()
    province.pass_time(10)
    outcome = province.step()
    assert [each.fault.element for each in outcome.opened] == ["core"]
    assert outcome.withheld == {"a": Withheld.EFFECT, "hub1": Withheld.EFFECT}


def test_without_an_answer_to_the_live_look_the_page_still_comes(province: Province) -> None:
    province.broken = {"hub1"}
    province.measure("hub1")
    province._keep(province._correlate())
    province.pass_time(20)
    opened = province._correlate().opened
    assert [(each.fault.element, each.verified) for each in opened] == [("hub1", False)]


def test_one_lost_leg_degrades_and_does_not_page_the_child(province: Province) -> None:
    province.broken = {"hub1"}
    province.settle()
    cut = province.step().cut
    assert province.open_causes() == {"hub1"}
    assert cut.below("hub1") == {"a"}
    assert cut.degraded_by("hub1") == {"b"}


def test_both_legs_lost_takes_the_child_under_both(province: Province) -> None:
    province.broken = {"hub1", "hub2"}
    province.settle()
    cut = province.step().cut
    assert province.open_causes() == {"hub1", "hub2"}
    assert "b" in cut.below("hub1") & cut.below("hub2")


def test_two_faults_in_one_minute_are_two_pages(province: Province) -> None:
    province.broken = {"a"}
    province.settle(3)
    province.broken |= {"hub2"}
    province.settle(3)
    assert sorted(province.cause.values()) == ["a", "hub2"]


def test_one_fault_is_one_page_and_one_recovery(province: Province) -> None:
    province.broken = {"hub1"}
    province.settle(20)
    province.broken = set()
    province.settle(20)
    assert province.paged == province.recovered == [1]


def test_a_fault_hidden_under_a_dead_parent_pages_after_the_parent_heals(
    province: Province,
) -> None:
    province.broken = {"core", "a"}
    province.settle()
    province.broken = {"a"}
    healed = province.now
    province.measure("core")
    while "a" not in province.open_causes():
        province.step()
        province.pass_time(5)
    assert province.now - healed <= timedelta(seconds=60)
    assert sorted(province.cause.values()) == ["a", "core"]


def test_what_a_parent_carries_may_find_its_way_after_the_parent_came_back(
    province: Province,
) -> None:
    province.broken = {"core"}
    province.settle()
    province.broken = {"hub1"}  # unreachable still: its router has not found its neighbour again
    for _ in range(5):
        province.measure()
        province.step()
        province.pass_time(5)
    province.broken = set()
    province.settle()
    assert sorted(province.cause.values()) == ["core"]
    assert province.recovered == province.paged


SESSION = "bgp:a:192.0.2.1"
REJOINED = timedelta(seconds=120)


@pytest.fixture
def routed() -> Province:
    """A hub and a router behind it, which keeps a session with it and says so only when polled."""
    policy = Policy(unheard=timedelta(seconds=30))
    made = Province(groups(core="", hub="core", a="hub", **{SESSION: "a hub"}), policy)
    made.settle(20)
    made.broken = {"hub"}
    made.measure("core", "hub", "a")
    made.step()
    made.pass_time(200)
    made.broken = {SESSION}
    made.measure()
    return made


def told_within(province: Province, longest: timedelta, back: timedelta) -> timedelta | None:
    """Step every 5 s; return after what time the session was told, None if it was not.

    After `back` the session stands again and is polled.
    """
    began = province.now
    while province.now - began < longest:
        if province.now - began > back:
            province.broken = set()
            province.measure()
        province.step()
        if SESSION in province.open_causes():
            return province.now - began
        province.pass_time(5)
    return None


def test_a_session_lost_with_the_way_to_its_router_may_rejoin(routed: Province) -> None:
    assert told_within(routed, timedelta(hours=1), back=REJOINED) is None


def test_a_session_that_does_not_rejoin_is_told_within_a_poll_more(routed: Province) -> None:
    told = told_within(routed, timedelta(hours=1), back=timedelta(days=1))
    assert told is not None
    assert REJOINED < told <= REJOINED + timedelta(seconds=40)


def test_a_session_lost_while_its_way_held_is_told_after_one_hold_down() -> None:
    province = Province(groups(core="", hub="core", a="hub", **{SESSION: "a hub"}))
    province.settle(20)
    province.broken = {SESSION}
    province.measure()
    province.step()
    province.pass_time(10)
    assert [each.fault.element for each in province.step().opened] == [SESSION]


def test_an_unknown_state_is_no_recovery(province: Province) -> None:
    province.broken = {"a"}
    province.settle()
    province.put("a", Health.UNKNOWN)
    for _ in range(10):
        province.pass_time(60)
        province.step()
    assert province.open_causes() == {"a"}
    assert not province.recovered


def test_a_flap_within_the_hold_neither_recovers_nor_pages_again(province: Province) -> None:
    province.broken = {"a"}
    province.settle()
    for health in (Health.GOOD, Health.BAD) * 5:
        province.put("a", health)
        province.step()
        province.pass_time(6)
    assert province.paged == [1]
    assert not province.recovered


def test_a_cause_that_moves_up_keeps_its_incident(province: Province) -> None:
    province.broken = {"hub1"}
    province.measure("hub1")
    province._keep(province._correlate())
    province.pass_time(20)
    province._keep(province._correlate())
    assert province.open_causes() == {"hub1"}
    province.broken = {"core"}
    province.settle(4)
    assert province.open_causes() == {"core"}
    assert province.paged == [1]
    province.broken = set()
    province.settle()
    assert province.recovered == [1]


def test_what_was_bad_before_all_above_it_fell_silent_is_an_outage_of_its_own() -> None:
    """A UPS tells of its battery, then its hub dies: nobody knows of the UPS any more."""
    groups = {"core": (), "hub": (frozenset({"core"}),), "ups": (frozenset({"hub"}),)}
    province = Province(groups)
    province.broken = {"ups"}
    province.settle(20)
    assert province.open_causes() == {"ups"}
    province.pass_time(60)
    province.broken = {"hub"}
    province.measure("hub")
    province.put("ups", Health.UNKNOWN)
    province._keep(province._correlate())
    province.pass_time(20)
    province._keep(province._correlate())
    assert province.open_causes() == {"ups", "hub"}
    assert province.paged == [1, 2]


def test_an_older_fault_is_not_swallowed_by_a_later_one_above_it(province: Province) -> None:
    province.broken = {"a"}
    province.settle(20)
    province.broken |= {"hub1"}
    province.settle(10)
    assert sorted(province.cause.values()) == ["a", "hub1"]
    assert not province.recovered
    province.broken = {"a"}
    province.settle()
    assert province.open_causes() == {"a"}
    assert province.recovered == [2]


def test_maintenance_withholds_what_begins_in_it_and_not_its_end(province: Province) -> None:
    province.maintenance = {"hub1"}
    province.broken = {"hub1"}
    province.settle()
    assert province.step().withheld["hub1"] is Withheld.MAINTENANCE
    assert not province.paged
    province.maintenance = set()
    province.settle(3)
    assert province.open_causes() == {"hub1"}


def test_a_fault_older_than_its_maintenance_recovers_and_its_relapse_is_withheld(
    province: Province,
) -> None:
    province.broken = {"hub1"}
    province.settle()
    province.maintenance = {"hub1"}
    province.broken = set()
    province.settle(4)
    assert province.recovered == [1]
    province.broken = {"hub1"}
    province.settle()
    assert province.paged == [1]


def test_a_broken_child_of_a_parent_in_maintenance_pages(province: Province) -> None:
    province.maintenance = {"hub1"}
    province.broken = {"a"}
    province.settle()
    assert province.open_causes() == {"a"}


def test_passive_things_are_looked_through() -> None:
    province = Province(groups(core="", panel="core", hub="panel"))
    for _ in range(5):
        province.measure("core", "hub")
        province.step()
        province.broken = {"core"}
        province.pass_time(11)
    assert province.open_causes() == {"core"}


def test_a_ring_where_each_explains_the_other_still_has_a_cause() -> None:
    province = Province({"x": (frozenset("y"),), "y": (frozenset("x"),)})
    for _ in range(5):
        province.put("x", Health.BAD)
        province.put("y", Health.BAD)
        province.step()
        province.pass_time(11)
    assert province.open_causes() == {"x"}


def alert(health: Health, at: float, *, blocks: bool = False, key: str = "k") -> Condition:
    moment = START + timedelta(seconds=at)
    return Condition(key, "a", "CertificateExpiresSoon", "warning", health, moment, moment, blocks)


def test_an_alert_about_a_dead_element_is_withheld_and_one_beside_it_is_its_own(
    province: Province,
) -> None:
    province.broken = {"hub1"}
    province.measured["cert"] = alert(Health.BAD, 0)
    province.settle()
    assert province.open_causes() == {"hub1"}
    province.broken = set()
    province.settle()
    assert province.open_causes() == {"k"}


def test_several_sources_about_one_element_are_one_fault() -> None:
    faults = faults_of([alert(Health.BAD, 0, blocks=True), alert(Health.GOOD, 5, blocks=True)])
    assert [(key, fault.health) for key, fault in faults.items()] == [("a", Health.BAD)]


@pytest.mark.parametrize(
    ("good_at", "unknown_at", "expected"), [(9, 5, Health.GOOD), (5, 9, Health.UNKNOWN)]
)
def test_only_a_good_measurement_younger_than_the_silence_counts(
    good_at: float, unknown_at: float, expected: Health
) -> None:
    conditions = [
        alert(Health.GOOD, good_at, blocks=True),
        alert(Health.UNKNOWN, unknown_at, blocks=True),
    ]
    assert faults_of(conditions)["a"].health is expected


CHAIN = groups(core="", hub="core", switch="hub", xa="switch", other="hub")
UNHEARD = Policy(unheard=timedelta(seconds=36))


@pytest.fixture
def just_broken() -> Province:
    """A hub that was found bad while the last polls of all below it still say good."""
    made = Province(dict(CHAIN), policy=UNHEARD)
    made.settle(6)
    made.pass_time(20)
    made.broken = {"hub"}
    made.measure("core", "hub")
    made.step()
    made.pass_time(10)
    return made


def test_a_page_names_those_whose_last_poll_was_before_the_break(just_broken: Province) -> None:
    outcome = just_broken.step()
    assert [each.fault.element for each in outcome.opened] == ["hub"]
    assert outcome.cut.below("hub") == {"switch", "xa", "other"}


def test_before_a_page_the_first_row_below_is_looked_at_and_the_map_believed_behind_it(
    just_broken: Province,
) -> None:
    outcome = just_broken._correlate()
    assert outcome.verify == {"switch", "other"}
    just_broken.step()
    assert just_broken.measured["xa"].health is Health.GOOD


def test_who_still_answers_behind_a_silent_parent_is_not_called_cut_off(
    just_broken: Province,
) -> None:
    just_broken.broken.clear()
    just_broken.measure("switch", "other")
    outcome = just_broken._correlate()
    assert [each.fault.element for each in outcome.opened] == ["hub"]
    assert outcome.cut.below("hub") == set()


def test_without_looks_below_the_page_comes_and_names_whom_the_map_does(
    just_broken: Province,
) -> None:
    just_broken.pass_time(10)
    outcome = just_broken._correlate()
    assert [each.fault.element for each in outcome.opened] == ["hub"]
    assert outcome.cut.below("hub") == {"switch", "xa", "other"}


def test_polls_that_came_since_the_break_outweigh_the_map(just_broken: Province) -> None:
    just_broken.pass_time(30)
    assert just_broken._correlate().cut.below("hub") == set()


def test_of_a_crowd_below_a_page_waits_for_a_part_only() -> None:
    crowd = Province(groups(core="", **{f"xa{each}": "core" for each in range(200)}))
    crowd.policy = UNHEARD
    crowd.settle(6)
    crowd.pass_time(20)
    crowd.broken = {"core"}
    crowd.measure("core")
    crowd._keep(crowd._correlate())
    crowd.pass_time(10)
    outcome = crowd._correlate()
    assert len(outcome.verify) == LOOKS_BELOW
    assert len(outcome.cut.below("core")) == 200
