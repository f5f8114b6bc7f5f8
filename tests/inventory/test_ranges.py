"""Prefixes and addresses: what lies inside what, and what two claim."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError, Problem
from inventory import checks, ranges, records, yamlfile
from inventory.snapshot import Snapshot

BASE = """\
version: 1
units: [{code: u, name: U, kind: province}]
sites: [{slug: s, name: S, unit: u, kind: hub}, {slug: t, name: T, unit: u, kind: hub}]
devices:
  - {name: d, site: s, role: hub, platform: frr, interfaces: [{name: e0}]}
vrfs: [{name: v}]
"""


def problems_of(rows: str, base: str = BASE) -> list[Problem]:
    try:
        found = records.collect(yamlfile.read(base + rows, "p.yaml"), "p.yaml")
    except InvalidInputError as error:
        return list(error.problems)
    return [*found.problems, *checks.check(found, Snapshot())]


def warnings_of(rows: str) -> list[str]:
    found = records.collect(yamlfile.read(BASE + rows, "p.yaml"), "p.yaml")
    assert not found.problems
    return [problem.message for problem in ranges.warnings(found, Snapshot())]


@pytest.mark.parametrize(
    "rows",
    [
        "prefixes: [{prefix: 10.0.0.0/8}, {prefix: 10.1.0.0/16, site: s}]",
        "prefixes: [{prefix: 10.0.0.0/8, site: s}, {prefix: 10.1.0.0/16, site: s}]",
        "prefixes: [{prefix: 10.0.0.0/8, site: s, status: container},"
        " {prefix: 10.1.0.0/16, site: t}]",
        "prefixes: [{prefix: 10.0.0.0/8, site: s}, {prefix: 10.1.0.0/16, site: t, vrf: v}]",
        "prefixes: [{prefix: 10.0.0.0/8, site: s}, {prefix: 10.0.0.0/8, vrf: v}]",
        'prefixes: [{prefix: "2001:db8::/32"}, {prefix: "2001:db8:1::/48", site: t}]',
    ],
)
def test_a_child_inside_its_parent_is_fine(rows: str) -> None:
    assert not problems_of(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("prefixes: [{prefix: 10.0.0.0/8}, {prefix: 10.0.0.0/8}]", "given twice"),
        ("prefixes: [{prefix: 10.0.0.1/8}]", "the prefix is 10.0.0.0/8"),
        ("prefixes: [{prefix: 10.0.0.0}]", "has no length"),
        (
            "prefixes: [{prefix: 10.0.0.0/8, site: s}, {prefix: 10.1.0.0/16, site: t}]",
            "overlaps 10.0.0.0/8 of site s",
        ),
        (
            'prefixes: [{prefix: "fd00::/8", site: s, vrf: v},'
            ' {prefix: "fd00:1::/32", site: t, vrf: v}]',
            "overlaps fd00::/8%v of site s",
        ),
        ("addresses: [{address: 10.0.0.1}]", "has no length"),
        ("addresses: [{address: 10.0.0.0/24}]", "is the network"),
        ("addresses: [{address: 10.0.0.255/24}]", "is the broadcast"),
        ("addresses: [{address: 10.0.0.1/24}, {address: 10.0.0.1/25}]", "is the same address as"),
        ('addresses: [{address: 10.0.0.1/24, interface: "d:e9"}]', "names no interface"),
    ],
)
def test_what_two_claim_or_none_can_have_is_refused(rows: str, message: str) -> None:
    found = problems_of(rows)
    assert [message in problem.message for problem in found] == [True], [str(p) for p in found]
    assert found[0].line == 7


@pytest.mark.parametrize(
    "rows",
    [
        "addresses: [{address: 10.0.0.1/24}, {address: 10.0.0.1/24, vrf: v}]",
        "addresses: [{address: 10.0.0.1/24, role: vrrp}, {address: 10.0.0.1/32, role: vrrp}]",
        "addresses: [{address: 10.0.0.0/31}, {address: 10.0.0.1/31}, {address: 10.9.0.0/32}]",
    ],
)
def test_an_address_may_repeat_where_it_is_another_or_shared(rows: str) -> None:
    assert not problems_of(rows)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("addresses: [{address: 10.0.0.1/24}]", []),
        (
            "prefixes: [{prefix: 10.1.0.0/24}]\naddresses: [{address: 10.0.0.1/24}]",
            ["lies in no known prefix"],
        ),
        (
            "prefixes: [{prefix: 10.0.0.0/25}]\naddresses: [{address: 10.0.0.1/24}]",
            ["has another length than its prefix 10.0.0.0/25"],
        ),
        ("prefixes: [{prefix: 10.0.0.0/25}]\naddresses: [{address: 10.0.0.1/32}]", []),
        (
            "prefixes: [{prefix: 10.0.0.0/24, site: t}]\n"
            'addresses: [{address: 10.0.0.1/24, interface: "d:e0"}]',
            ["lies in 10.0.0.0/24 of site t, its device at s"],
        ),
        (
            "prefixes: [{prefix: 10.0.0.0/24, vrf: v}]\naddresses: [{address: 10.9.0.1/24}]",
            [],
        ),
    ],
)
def test_an_address_outside_its_prefix_is_said(rows: str, expected: list[str]) -> None:
    assert warnings_of(rows) == expected


_networks = st.builds(
    lambda number, length: str(ip_network((number << (32 - 8), length), strict=False)),
    st.integers(0, 15),
    st.integers(4, 12),
)


@given(st.dictionaries(_networks, st.sampled_from(["s", "t", None]), max_size=6))
def test_overlaps_are_those_of_the_library(sites: dict[str, str | None]) -> None:
    rows = ", ".join(
        f"{{prefix: {prefix}, site: {site or 'null'}}}" for prefix, site in sites.items()
    )
    pairs = [
        (inner, outer)
        for inner, of in sites.items()
        for outer, other in sites.items()
        if of and other and of != other and inner != outer
        if ip_network(inner).subnet_of(ip_network(outer))  # type: ignore[arg-type] # both v4
    ]
    found = problems_of(f"prefixes: [{rows}]")
    assert {problem.value for problem in found} == {inner for inner, _ in pairs}
