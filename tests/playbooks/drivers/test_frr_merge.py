"""A snippet laid into a configuration changes what it names and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.configuration import parse
from playbooks.drivers.frr_merge import merge

RUNNING = """frr version 8.4.4
hostname commune-1
!
interface eth1
 description to hub-1
 ip address 10.0.0.1/30
 ip ospf area 0
exit
!
router bgp 65001
 neighbor 10.0.0.2 remote-as 65000
 !
 address-family ipv4 unicast
  network 10.1.0.0/24
 exit-address-family
exit
!
end
"""


def statements(text: str) -> list[str]:
    return [statement.text for statement in parse(text).walk()]


def test_nothing_merged_is_nothing_changed() -> None:
    assert statements(merge(RUNNING, "")) == statements(RUNNING)


def test_a_new_value_takes_the_old_ones_place() -> None:
    merged = statements(merge(RUNNING, "interface eth1\n description new\n"))
    assert "description new" in merged
    assert "description to hub-1" not in merged


def test_a_second_address_stands_beside_the_first() -> None:
    merged = statements(merge(RUNNING, "interface eth1\n ip address 10.9.0.1/30\n"))
    assert {"ip address 10.0.0.1/30", "ip address 10.9.0.1/30"} <= set(merged)


@pytest.mark.parametrize(
    ("snippet", "gone"),
    [
        ("interface eth1\n no ip address 10.0.0.1/30\n", "ip address 10.0.0.1/30"),
        ("interface eth1\n no description\n", "description to hub-1"),
        ("no router bgp 65001\n", "network 10.1.0.0/24"),
        (
            "router bgp 65001\n address-family ipv4 unicast\n  no network 10.1.0.0/24\n",
            "network 10.1.0.0/24",
        ),
    ],
)
def test_no_takes_away_what_it_names(snippet: str, gone: str) -> None:
    assert gone in statements(RUNNING)
    assert gone not in statements(merge(RUNNING, snippet))


def test_no_shutdown_lifts_a_shutdown() -> None:
    shut = merge(RUNNING, "interface eth1\n shutdown\n")
    assert "shutdown" in statements(shut)
    assert "shutdown" not in statements(merge(shut, "interface eth1\n no shutdown\n"))


def test_contexts_are_closed_as_frr_closes_them() -> None:
    lines = merge(RUNNING, "").splitlines()
    assert " exit-address-family" in lines
    assert lines[-1] == "end"


def test_what_is_on_by_default_is_switched_off_by_name() -> None:
    merged = merge(RUNNING, "router bgp 65001\n no bgp ebgp-requires-policy\n")
    assert "no bgp ebgp-requires-policy" in statements(merged)
    again = merge(merged, "router bgp 65001\n bgp ebgp-requires-policy\n")
    assert "no bgp ebgp-requires-policy" not in statements(again)


LINES = st.sampled_from(["hostname x", "ip route 10.2.0.0/16 10.0.0.2", "log syslog informational"])


@given(st.lists(LINES, max_size=4))
def test_merging_twice_is_merging_once(snippet: list[str]) -> None:
    once = merge(RUNNING, "\n".join(snippet))
    assert merge(once, "\n".join(snippet)) == once
