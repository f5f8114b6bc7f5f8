from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from hatang.errors import DriverError, Reason
from monitors.collect import Collected, Memory, collect
from monitors.quiet import ABSENT_EVERY
from monitors.renderer import Renderer
from monitors.text import written
from monitors.walking import WALK_EVERY
from tests.monitors import fakes
from tests.monitors.replay import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.snmp import Query, Reading
    from monitors.modules.plan import Plan

FAST, SLOW, OTHER, LABEL = "1.3.1.1", "1.3.1.2", "1.3.1.3", "1.3.1.4"
STAND_IN, SECOND, KEY = "1.3.1.5", "1.3.2.1", "1.3.3.1"
UP_TIME = "1.3.6.1.2.1.1.3.0"
MODULE = {
    "name": "test",
    "source": "nowhere",
    "when": [{"any": True}],
    "scalars": [{"name": "count", "oid": "1.3.9.0", "type": "gauge", "help": "h"}],
    "tables": [
        {
            "name": "first",
            "index": [{"name": "i"}],
            "limit": 5,
            "labels": [{"name": "label", "oid": LABEL}],
            "metrics": [
                {"name": "fast", "oid": FAST, "type": "gauge", "help": "h"},
                {"name": "slow", "oid": SLOW, "type": "gauge", "help": "h", "every": 3},
                {
                    "name": "wide",
                    "oid": OTHER,
                    "otherwise": STAND_IN,
                    "type": "counter",
                    "help": "h",
                },
            ],
        },
        {
            "name": "second",
            "index": [{"name": "i"}],
            "metrics": [{"name": "lone", "oid": SECOND, "type": "gauge", "help": "h"}],
        },
        {
            "name": "coming",
            "rows": "dynamic",
            "every": 3,
            "index": [{"name": "i"}],
            "metrics": [{"name": "going", "oid": KEY, "type": "gauge", "help": "h"}],
        },
    ],
}


@dataclass
class Agent(Recording):
    """A recording whose columns may be broken, and whose GET may lack cells a walk shows."""

    broken: dict[str, Reason] = field(default_factory=dict)
    unnamed: set[str] = field(default_factory=set)
    walked: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    polls: int = 0

    async def poll(self, query: Query) -> Reading:
        self.polls += 1
        return await super().poll(query)

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        self._fail("get")
        self.named += oids
        return {
            oid: value
            for oid, value in (await super().get(oids)).items()
            if oid not in self.unnamed
        }

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        self.walked += columns
        for column in columns:
            self._fail(column)
        return await super().columns(columns)

    def _fail(self, what: str) -> None:
        if what in self.broken:
            raise DriverError(f"{what} is broken", self.broken[what])

    def give(self, **values: SnmpValue) -> None:
        """Set instances; the names are those of the columns with the index behind `_`."""
        names = {"fast": FAST, "slow": SLOW, "wide": OTHER, "label": LABEL, "narrow": STAND_IN}
        names |= {"lone": SECOND, "going": KEY}
        for name, value in values.items():
            column, _, index = name.partition("_")
            self.values[f"{names[column]}.{index}"] = value
        self.__post_init__()


def agent() -> Agent:
    one = Agent({UP_TIME: 100, "1.3.9.0": 7})
    one.give(fast_1=1, fast_2=2, slow_1=10, slow_2=20, wide_1=5, wide_2=6)
    one.give(label_1=b"a", label_2=b"b", lone_1=9)
    return one


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    return fakes.only_module(monkeypatch, MODULE)


def polls(one: Agent, memory: Memory, times: int = 1) -> Collected:
    async def run() -> Collected:
        for _ in range(times - 1):
            await collect(one, "", "", memory)
        one.walked.clear()
        one.named.clear()
        return await collect(one, "", "", memory)

    return asyncio.run(run())


@pytest.mark.usefixtures("plan")
def test_cells_that_are_read_seldom_are_kept_and_never_forgotten() -> None:
    one, memory = agent(), Memory()
    for _ in range(3 * WALK_EVERY):
        found = polls(one, memory)
        assert found.tables["first"].columns["slow"] == {"1": 10, "2": 20}
        assert found.tables["first"].columns["fast"] == {"1": 1, "2": 2}


@pytest.mark.usefixtures("plan")
def test_a_slow_column_is_asked_for_in_its_own_period_only() -> None:
    one, memory = agent(), Memory()
    asked = []
    for _ in range(9):
        polls(one, memory)
        asked.append(f"{SLOW}.1" in one.named or SLOW in one.walked)
    assert sum(asked) == 3


@pytest.mark.usefixtures("plan")
def test_a_cell_a_get_would_not_give_is_read_each_time() -> None:
    one, memory = agent(), Memory()
    one.unnamed.add(f"{FAST}.2")
    for _ in range(3):
        found = polls(one, memory)
        assert found.tables["first"].columns["fast"] == {"1": 1, "2": 2}


@pytest.mark.usefixtures("plan")
def test_only_what_is_due_is_asked_for_and_all_of_it_in_one_query() -> None:
    one, memory = agent(), Memory()
    polls(one, memory)
    before = one.polls
    polls(one, memory)
    assert one.polls == before + 1
    assert one.walked == [FAST, OTHER, SECOND]


@pytest.mark.usefixtures("plan")
def test_one_odd_column_is_a_named_gap_and_the_others_are_kept() -> None:
    one = agent()
    one.broken[SLOW] = Reason.PROTOCOL_ERROR
    found = polls(one, Memory())
    assert found.gaps == {"first.slow": Reason.PROTOCOL_ERROR}
    assert found.tables["first"].columns["fast"] == {"1": 1, "2": 2}
    assert found.tables["second"].columns["lone"] == {"1": 9}


@pytest.mark.usefixtures("plan")
def test_a_table_whose_rows_cannot_be_read_says_nothing_and_spoils_nothing() -> None:
    one = agent()
    one.broken[FAST] = Reason.TIMEOUT
    found = polls(one, Memory())
    assert found.gaps == {"first": Reason.TIMEOUT}
    assert "first" not in found.tables
    assert found.tables["second"].columns["lone"] == {"1": 9}
    assert found.scalars["count"] == 7


@pytest.mark.usefixtures("plan")
def test_a_table_that_keeps_failing_is_tried_ever_more_seldom() -> None:
    one, memory = agent(), Memory()
    one.broken[FAST] = Reason.TIMEOUT
    tried = 0
    for _ in range(20):
        found = polls(one, memory)
        tried += FAST in one.walked
        assert "first" in found.gaps
    assert tried == 5
    one.broken.clear()
    assert "first" in polls(one, memory, 40).tables


@pytest.mark.usefixtures("plan")
def test_an_agent_that_falls_silent_in_the_middle_fails_the_poll() -> None:
    one, memory = agent(), Memory()
    one.broken = {"get": Reason.TIMEOUT}
    with pytest.raises(DriverError):
        polls(one, memory)
    assert memory.doubt


@pytest.mark.usefixtures("plan")
def test_a_get_that_stumbles_over_one_table_still_brings_the_others() -> None:
    one, memory = agent(), Memory()
    one.give(**{f"fast_{n}": n for n in range(1, 10)})  # more rows than are read: by name
    polls(one, memory)

    async def odd(oids: Sequence[str]) -> dict[str, SnmpValue]:
        if f"{FAST}.1" in oids:
            raise DriverError("cannot be decoded", Reason.PROTOCOL_ERROR)
        return {oid: one.values[oid] for oid in oids if oid in one.values}

    one.get = odd  # type: ignore[method-assign]
    found = polls(one, memory)
    assert found.gaps["first.fast"] is Reason.PROTOCOL_ERROR
    assert found.tables["first"].columns["fast"] == {str(n): n for n in (2, 3, 4, 5)}
    assert found.tables["first"].columns["wide"] == {"1": 5, "2": 6}
    assert found.tables["second"].columns["lone"] == {"1": 9}


@pytest.mark.usefixtures("plan")
def test_rows_without_the_wide_counter_have_the_narrow_one() -> None:
    one, memory = agent(), Memory()
    del one.values[f"{OTHER}.2"]
    one.give(narrow_1=1, narrow_2=77)
    for _ in range(2):
        assert polls(one, memory).tables["first"].columns["wide"] == {"1": 5, "2": 77}
    assert STAND_IN in one.walked


@pytest.mark.usefixtures("plan")
def test_of_an_agent_without_wide_counters_the_narrow_ones_alone_are_asked_for() -> None:
    one, memory = agent(), Memory()
    del one.values[f"{OTHER}.1"], one.values[f"{OTHER}.2"]
    one.give(narrow_1=1, narrow_2=77)
    polls(one, memory)
    assert polls(one, memory).tables["first"].columns["wide"] == {"1": 1, "2": 77}
    assert OTHER not in one.walked


@pytest.mark.usefixtures("plan")
def test_rows_beyond_the_limit_are_cut_and_named() -> None:
    one = agent()
    one.give(**{f"fast_{n}": n for n in range(1, 10)})
    found = polls(one, Memory())
    assert len(found.tables["first"].columns["fast"]) == 5
    assert "first.rows" in found.gaps


@pytest.mark.usefixtures("plan")
def test_of_a_table_that_is_cut_only_the_rows_that_are_read_are_asked_for() -> None:
    one, memory = agent(), Memory()
    one.give(**{f"fast_{n}": n for n in range(1, 10)})
    found = polls(one, memory, 2)
    assert found.tables["first"].columns["fast"] == {str(n): n for n in range(1, 6)}
    assert "first.rows" in found.gaps
    assert FAST not in one.walked
    assert f"{FAST}.6" not in one.named


@pytest.mark.usefixtures("plan")
def test_a_table_without_rows_costs_one_column_and_is_looked_at_seldom() -> None:
    one, memory = Agent({UP_TIME: 100}), Memory()
    polls(one, memory)
    assert sorted(one.walked) == [FAST, SECOND, KEY]
    polls(one, memory, 2)
    assert one.walked == []


@pytest.mark.usefixtures("plan")
def test_rows_that_come_and_go_are_walked_when_they_are_due() -> None:
    one, memory = agent(), Memory()
    polls(one, memory)
    one.give(going_4=1)
    seen = ["4" in polls(one, memory).tables["coming"].indexes("going") for _ in range(4)]
    assert seen == [False, False, True, True]


@pytest.mark.usefixtures("plan")
def test_a_row_that_appears_is_found_by_the_next_walk_with_its_labels() -> None:
    one, memory = agent(), Memory()
    polls(one, memory)
    one.give(fast_3=3, label_3=b"c", wide_3=1)
    found = polls(one, memory, WALK_EVERY)
    assert found.tables["first"].columns["label"]["3"] == b"c"


@pytest.mark.usefixtures("plan")
def test_a_value_that_is_gone_is_absent_and_not_carried() -> None:
    one, memory = agent(), Memory()
    polls(one, memory)
    del one.values[f"{FAST}.2"]
    one.__post_init__()
    assert polls(one, memory).tables["first"].columns["fast"] == {"1": 1}


def test_values_of_the_wrong_type_and_huge_texts_reach_the_page_as_nothing_and_cut(
    plan: Plan,
) -> None:
    one = agent()
    one.give(fast_1=b"\xff\x00nonsense", label_2=b"x" * 100_000)
    found = polls(one, Memory())
    watch = fakes.watch(fakes.FakeDevice())
    sample = asyncio.run(watch.poll())
    sample.tables = found.tables
    sample.scalars = found.scalars
    blocks = Renderer(watch.target, plan).render(sample, up=True)
    assert written(blocks["fast"]).count("\n") == 1
    assert len(written(blocks["fast"])) < 500


@pytest.mark.usefixtures("plan")
def test_a_stand_in_that_cannot_be_read_leaves_what_it_would_have_filled_up() -> None:
    one, memory = agent(), Memory()
    del one.values[f"{OTHER}.2"]
    one.__post_init__()
    one.broken[STAND_IN] = Reason.TIMEOUT
    found = polls(one, memory)
    assert found.gaps == {"first.wide": Reason.TIMEOUT}
    assert found.tables["first"].columns["wide"] == {"1": 5}


@pytest.mark.usefixtures("plan")
def test_carried_values_do_not_count_as_read() -> None:
    one, memory = agent(), Memory()
    first = polls(one, memory).values
    assert 0 < polls(one, memory).values < first


@pytest.mark.usefixtures("plan")
def test_what_an_agent_never_gave_is_asked_for_by_turns() -> None:
    """In one poll of all devices it would make an answer more of each, all in one minute."""
    asked: Counter[int] = Counter()
    for salt in range(ABSENT_EVERY):
        one, memory = agent(), Memory(salt=salt)
        del one.values["1.3.9.0"]
        for number in range(ABSENT_EVERY + 1):
            one.named.clear()
            polls(one, memory)
            asked[number] += "1.3.9.0" in one.named
    assert asked[0] == ABSENT_EVERY
    assert {asked[number] for number in range(1, ABSENT_EVERY + 1)} == {1}
