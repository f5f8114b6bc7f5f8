from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.graphs import (
    CIRCUIT,
    DEVICE,
    RANGES,
    SERVICE,
    TRAFFIC,
    Curve,
    Graph,
    Line,
    Picture,
    draw,
    find,
    matcher,
)
from monitors.history import Series

NOW = datetime(2026, 3, 1, 12, 0, 17, tzinfo=UTC)
ONE = Graph("one", "%", (Curve("used", "x{$of}", "name"),))


@dataclass
class FakePrometheus:
    """Gives `series` for whatever is asked, and remembers what that was."""

    series: list[Series] = field(default_factory=list)
    asked: list[tuple[str, float, float, float]] = field(default_factory=list)

    async def query_range(
        self, expression: str, start: datetime, end: datetime, step_seconds: float
    ) -> list[Series]:
        self.asked.append((expression, start.timestamp(), end.timestamp(), step_seconds))
        return self.series


def drawn(reader: FakePrometheus, graph: Graph = ONE, hours: int = 6) -> Picture:
    return asyncio.run(draw(reader, graph, matcher("key"), NOW, hours))


def line(*values: float | None) -> Line:
    return Line("used", "", values)


def test_values_stand_at_their_moments_and_a_gap_stays_a_gap() -> None:
    reader = FakePrometheus()
    at = drawn(reader).at
    reader.series = [Series({"name": "cpu"}, ((float(at[0]), 1.0), (float(at[2]), 3.0)))]
    (found,) = drawn(reader).lines
    assert (found.label, found.values[:4]) == ("cpu", (1.0, None, 3.0, None))


@pytest.mark.parametrize("hours", RANGES.values())
def test_moments_are_whole_steps_so_that_a_picture_does_not_tremble(hours: int) -> None:
    reader = FakePrometheus()
    picture = drawn(reader, hours=hours)
    step = picture.at[1] - picture.at[0]
    assert {at % step for at in picture.at} == {0}
    assert 300 <= len(picture.at) <= 750
    assert reader.asked[0][1:] == (picture.at[0], picture.at[-1], step)


def test_of_many_lines_those_that_reach_highest_are_drawn() -> None:
    reader = FakePrometheus()
    at = float(drawn(reader).at[0])
    reader.series = [Series({"name": str(n)}, ((at, float(n)),)) for n in range(20)]
    assert [one.label for one in drawn(reader).lines] == ["19", "18", "17", "16", "15", "14"]


def test_what_is_not_finite_is_a_gap() -> None:
    reader = FakePrometheus()
    at = float(drawn(reader).at[0])
    reader.series = [Series({}, ((at, float("nan")),))]
    assert drawn(reader).lines == ()


def test_the_95th_percentile_is_the_nearest_rank() -> None:
    assert line(*range(1, 101)).percentile95 == 95
    assert line(None, 7.0, None).percentile95 == 7.0
    assert line(None).percentile95 is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_name_stays_a_string_in_the_expression(key: str, port: str) -> None:
    reader = FakePrometheus()
    asyncio.run(draw(reader, TRAFFIC, matcher(key, port), NOW, 6))
    expression = reader.asked[0][0]
    inside = expression[expression.index("{") + 1 : expression.rindex("}")]
    bare = inside.replace("\\\\", "").replace('\\"', "")
    assert bare.count('"') == (4 if port else 2)
    assert "\n" not in inside


@pytest.mark.parametrize(
    ("kind", "graph"),
    [("device", g) for g in DEVICE]
    + [("circuit", g) for g in CIRCUIT]
    + [("service", g) for g in SERVICE],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_graph_is_found_by_its_name_and_filled_in_whole(kind: str, graph: Graph) -> None:
    reader = FakePrometheus()
    assert find(kind, graph.name) is graph
    drawn(reader, graph)
    assert not [expression for expression, *_ in reader.asked if "$" in expression]
