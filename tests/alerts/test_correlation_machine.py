from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.correlation import Policy
from alerts.graph import Groups, Health
from tests.alerts.province import Province

NAMES = [f"n{index}" for index in range(8)]


@st.composite
def topologies(draw: st.DrawFn) -> dict[str, Groups]:
    """Draw a tree with redundancy and depth: each element only needs earlier ones."""
    found: dict[str, Groups] = {NAMES[0]: ()}
    for index, name in enumerate(NAMES[1:], start=1):
        earlier = st.frozensets(st.sampled_from(NAMES[:index]), min_size=1, max_size=2)
        found[name] = tuple(draw(st.lists(earlier, min_size=1, max_size=2)))
    return found


elements = st.sampled_from(NAMES)


class Storm(RuleBasedStateMachine):
    @initialize(groups=topologies(), unheard=st.sampled_from([0, 20]))
    def build(self, groups: dict[str, Groups], unheard: int) -> None:
        self.province = Province(groups, Policy(unheard=timedelta(seconds=unheard)))
        self.province.settle(2)

    @rule(name=elements)
    def breaks(self, name: str) -> None:
        self.province.broken.add(name)

    @rule(name=elements)
    def is_mended(self, name: str) -> None:
        self.province.broken.discard(name)

    @rule(names=st.sets(elements, min_size=1))
    def is_measured(self, names: set[str]) -> None:
        self.province.measure(*sorted(names))

    @rule(name=elements)
    def goes_silent(self, name: str) -> None:
        self.province.put(name, Health.UNKNOWN)

    @rule()
    def all_of_it_goes_silent(self) -> None:
        self.province.step()
        for name in NAMES:
            self.province.put(name, Health.UNKNOWN)
        recovered = len(self.province.recovered)
        self.province.pass_time(3_600)
        self.province._keep(self.province._correlate())
        assert len(self.province.recovered) == recovered

    @rule(name=elements)
    def enters_or_leaves_maintenance(self, name: str) -> None:
        self.province.maintenance ^= {name}

    @rule(seconds=st.sampled_from([1, 5, 11, 200]))
    def time_passes(self, seconds: int) -> None:
        self.province.pass_time(seconds)

    @rule()
    def steps(self) -> None:
        open_before = {each.number: each.fault for each in self.province.book.incidents}
        outcome = self.province.step()
        for number in outcome.resolved:
            state = self.province.measured[open_before[number]]
            assert state.health is Health.GOOD, "a recovery without a good measurement"
        for opening in outcome.opened:
            assert opening.fault.element not in self.province.maintenance
            assert not outcome.cut.explained(opening.fault.element)

    @rule()
    def stepping_twice_changes_nothing(self) -> None:
        self.province.step()
        book = self.province.book
        outcome = self.province.step()
        assert self.province.book == book
        assert (outcome.opened, outcome.moved, outcome.resolved) == ((), (), ())

    @rule()
    def settled_every_cause_is_paged_and_nothing_else_new(self) -> None:
        self.province.maintenance.clear()
        self.province.settle(6)
        paged = len(self.province.paged)
        assert self.province.independent_causes() <= self.province.open_causes()
        assert self.province.open_causes() <= {
            name for name in NAMES if not self.province.reachable(name)
        }
        self.province.settle(3)
        assert len(self.province.paged) == paged

    @invariant()
    def nothing_recovers_that_was_not_paged_or_twice(self) -> None:
        if not hasattr(self, "province"):
            return
        assert len(set(self.province.recovered)) == len(self.province.recovered)
        assert set(self.province.recovered) <= set(self.province.paged)

    def teardown(self) -> None:
        if not hasattr(self, "province"):
            return
        self.province.broken.clear()
        self.province.settle(4)
        assert sorted(self.province.recovered) == self.province.paged


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
