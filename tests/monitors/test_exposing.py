"""Which series are exposed of whom, by policy."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hatang.settings.model import SeriesRule
from monitors.exposing import Policy
from monitors.targets import CircuitEnd, Targets
from tests.monitors.fakes import FakeDevice, target
from tests.monitors.running import loop_over, targets

BLOCKS = {
    "hatang_device_up": "hatang_device_up 1\n",
    "ifHCInUcastPkts": "ifHCInUcastPkts 1\n",
    "ifHCInOctets": "ifHCInOctets 1\n",
}
PACKETS = SeriesRule(drop=("ifHC*Pkts",))


def left_out(*rules: SeriesRule, role: str = "core", level: int = 0) -> set[str]:
    """Return the names that a device does not get."""
    one = replace(target(), role=role, level=level)
    return BLOCKS.keys() - Policy(rules).kept(one, BLOCKS).keys()


def test_without_rules_everything_is_exposed() -> None:
    assert left_out() == set()


@pytest.mark.parametrize(
    ("rule", "role", "level", "expected"),
    [
        (PACKETS, "core", 0, {"ifHCInUcastPkts"}),
        (SeriesRule(roles=("switch",), drop=("ifHC*",)), "core", 0, set()),
        (
            SeriesRule(roles=("switch",), drop=("ifHC*",)),
            "switch",
            3,
            {*BLOCKS} - {"hatang_device_up"},
        ),
        (SeriesRule(levels=(0, 1), drop=("ifHCInOctets",)), "core", 1, {"ifHCInOctets"}),
        (SeriesRule(levels=(0, 1), drop=("ifHCInOctets",)), "core", 4, set()),
    ],
)
def test_a_rule_holds_for_its_roles_and_levels(
    rule: SeriesRule, role: str, level: int, expected: set[str]
) -> None:
    assert left_out(rule, role=role, level=level) == expected


def test_what_alerts_rest_on_stays() -> None:
    assert "hatang_device_up" not in left_out(SeriesRule(drop=("*",)))


def test_several_rules_leave_out_what_any_of_them_names() -> None:
    rules = (PACKETS, SeriesRule(drop=("ifHCInOctets",)))
    assert left_out(*rules) == {"ifHCInUcastPkts", "ifHCInOctets"}


def series_of(*rules: SeriesRule) -> int:
    """Return how many series the plan counts of one device."""

    async def run() -> int:
        loop = loop_over(("core-1", FakeDevice().ports(24)))
        loop._shared.policy = Policy(rules)
        await loop.apply(targets("core-1"))
        await loop.watch_of("core-1").verify()
        (cost,) = loop.costs()
        return cost.series

    return asyncio.run(run())


def test_the_plan_counts_what_is_left() -> None:
    assert series_of() - series_of(SeriesRule(drop=("ifOperStatus",))) == 24


def test_the_port_of_a_circuit_tells_its_committed_rates_in_octets() -> None:
    async def run() -> str:
        loop = loop_over(("core-1", FakeDevice().ports(1)))
        one = replace(target("core-1"), circuits=(CircuitEnd("VNPT-1", "eth1", 20_000, 10_000),))
        await loop.apply(Targets((one,)))
        await loop.watch_of("core-1").verify()
        return loop._shared.exposition.page()

    lines = [x for x in asyncio.run(run()).splitlines() if x.startswith("hatang_circuit")]
    assert all('ifName="eth1",cid="VNPT-1"}' in line for line in lines)
    assert [(line.partition("{")[0], line.rpartition(" ")[2]) for line in lines] == [
        ("hatang_circuit_commit_rate_bytes_per_second", "2500000"),
        ("hatang_circuit_upstream_rate_bytes_per_second", "1250000"),
    ]
