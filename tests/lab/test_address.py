"""The address plan and the refusal of a prefix that is in use."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from lab.address import Taken, networks_of_host, parse_prefix, refuse_overlap
from lab.errors import LabError


def test_a_prefix_that_is_no_16_is_refused() -> None:
    with pytest.raises(LabError, match="must be a /16"):
        parse_prefix("10.0.0.0/24")


def test_a_prefix_with_host_bits_is_refused() -> None:
    with pytest.raises(LabError, match="not an IPv4 network"):
        parse_prefix("10.250.0.1/16")


@pytest.mark.parametrize("other", ["10.250.3.0/24", "10.0.0.0/8", "10.250.0.0/16"])
def test_an_overlap_names_both_and_the_cure(other: str) -> None:
    taken = [Taken(IPv4Network(other), "a route by vpn0")]
    with pytest.raises(LabError, match=r"10\.250\.0\.0/16 overlaps .*vpn0.*--prefix"):
        refuse_overlap(parse_prefix("10.250.0.0/16"), taken)


def test_a_neighbouring_prefix_is_accepted() -> None:
    refuse_overlap(parse_prefix("10.250.0.0/16"), [Taken(IPv4Network("10.251.0.0/16"), "eth0")])


def test_the_host_itself_is_read_with_its_loopback_and_without_a_default_route() -> None:
    networks = [taken.network for taken in networks_of_host()]
    assert IPv4Network("127.0.0.0/8") in networks
    assert IPv4Network("0.0.0.0/0") not in networks


def test_point_to_point_links_never_share_an_address() -> None:
    plan = parse_prefix("10.250.0.0/16")
    ends = [end.ip for index in range(128) for end in plan.point_to_point(index)]
    assert len(set(ends)) == 256
