from __future__ import annotations

from monitors.fitting import Cost, Limits, fit

LIMITS = Limits(period_seconds=30.0, concurrency=10, site_concurrency=2)


def cost(key: str, *, site: str = "a", values: int = 288, seconds: float = 0.3) -> Cost:
    return Cost(key, site, series=values, values=values, seconds=seconds)


def test_what_polling_takes_of_a_line_is_the_sum_of_those_behind_it() -> None:
    ways = {"r1": {"core"}, "r2": {"core", "thin"}}
    found = fit([cost("r1"), cost("r2")], 0, LIMITS, ways, {"core": 100_000, "thin": None})
    core, thin = found.circuits
    assert (core.cid, core.devices, thin.devices) == ("core", 2, 1)
    assert core.bits_per_second == 2 * thin.bits_per_second
    assert thin.share is None
    assert core.share == round(core.bits_per_second / 100e6, 5)


def test_a_device_costs_an_echo_and_as_many_datagrams_as_its_values_fill() -> None:
    assert [cost("r", values=values).datagrams for values in (0, 1, 58, 59)] == [1, 2, 2, 3]


def test_a_plan_that_fits_says_so_with_what_prometheus_needs() -> None:
    found = fit([cost("r1", values=100)], 3, LIMITS, {}, {})
    assert found.fits
    assert (found.devices, found.unmeasured, found.series) == (1, 3, 100)
    assert found.prometheus_memory_octets == 250_000
    assert found.prometheus_disk_octets_a_year == int(100 / 30 * 365 * 86_400 * 0.7)


def test_too_few_turns_are_named_overall_and_by_site() -> None:
    everywhere = fit(
        [cost(f"r{n}", site=f"s{n}", seconds=25.0) for n in range(10)], 0, LIMITS, {}, {}
    )
    at_one = fit([cost(f"r{n}", seconds=20.0) for n in range(3)], 0, LIMITS, {}, {})
    assert [text.partition(":")[0] for text in everywhere.problems] == [
        "turns are taken 83% of the time"
    ]
    assert [text.partition(":")[0] for text in at_one.problems] == ["site a"]


def test_a_line_that_polling_would_fill_is_named() -> None:
    found = fit([cost("r1")], 0, LIMITS, {"r1": {"vsat"}}, {"vsat": 64})
    assert not found.fits
    assert found.problems[0].startswith("circuit vsat: polling takes ")
