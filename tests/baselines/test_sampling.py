"""A sample is the same for the same names and seed, and no stratum is passed over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from baselines.sampling import draw

POPULATIONS = st.dictionaries(
    st.text(min_size=1, max_size=3), st.sets(st.integers(0, 99).map(str), max_size=12), max_size=6
)


@given(POPULATIONS, st.integers(0, 80), st.text(max_size=5))
def test_as_many_as_asked_for_are_drawn_each_from_its_stratum(
    population: dict[str, set[str]], n: int, seed: str
) -> None:
    sample = draw(population, n, seed)
    assert sample.size == sum(len(names) for names in population.values())
    assert len(sample.drawn) == min(n, sample.size)
    assert all(set(one.drawn) <= population[one.name] for one in sample.strata)


@given(POPULATIONS, st.integers(6, 80), st.text(max_size=5))
def test_every_stratum_has_one_where_there_are_places_enough(
    population: dict[str, set[str]], n: int, seed: str
) -> None:
    assert all(stratum.drawn for stratum in draw(population, n, seed).strata)


def test_the_seed_alone_decides() -> None:
    names = {"a": [f"a{n}" for n in range(50)], "b": [f"b{n}" for n in range(10)]}
    again = {"b": reversed(names["b"]), "a": list(reversed(names["a"]))}
    assert draw(names, 12, "2026") == draw({k: set(v) for k, v in again.items()}, 12, "2026")
    assert draw(names, 12, "2026") != draw(names, 12, "2027")
    assert [len(one.drawn) for one in draw(names, 12, "2026").strata] == [10, 2]
