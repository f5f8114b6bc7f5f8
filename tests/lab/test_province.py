"""What is drawn: the same from the same seed, and with one weak spot on purpose."""

from __future__ import annotations

import pytest

from lab.address import parse_prefix
from lab.plumbing import base_address, node_lines
from lab.province import FULL, SMALL, Shape, draw
from lab.scrambling import spares
from lab.topology import Kind, Province

PLAN = parse_prefix("10.250.0.0/16")


def _uplinks(province: Province, hub: str) -> list[str]:
    links = province.links_of(hub)
    return [link.name for link in links if link.a[0].startswith("core-")]


def test_the_same_seed_draws_the_same_province() -> None:
    assert draw(PLAN, 7) == draw(PLAN, 7)


def test_another_seed_gives_other_names() -> None:
    assert draw(PLAN, 7).sites["xa-01"].name != draw(PLAN, 8).sites["xa-01"].name


def test_the_full_province_has_two_cores_three_hubs_twelve_communes() -> None:
    roles = [node.role for node in draw(PLAN, 1).of_kind(Kind.ROUTER)]
    assert [roles.count(role) for role in ("core", "hub", "commune-router")] == [2, 3, 12]


def test_hub_2_hangs_on_one_circuit_and_the_others_on_two() -> None:
    province = draw(PLAN, 1)
    assert [len(_uplinks(province, hub)) for hub in ("hub-1", "hub-2", "hub-3")] == [2, 1, 2]


@pytest.mark.parametrize("shape", [FULL, SMALL])
def test_every_address_is_used_once_and_stands_in_the_prefix(shape: Shape) -> None:
    province = draw(PLAN, 1, shape)
    addresses = [node.address for node in province.nodes.values()]
    assert len(set(addresses)) == len(addresses)
    assert all(address.startswith("10.250.") for address in addresses)


@pytest.mark.parametrize("shape", [FULL, SMALL])
def test_both_ends_of_every_link_are_ports(shape: Shape) -> None:
    province = draw(PLAN, 1, shape)
    for link in province.links.values():
        for node, port in (link.a, link.z):
            assert province.nodes[node].port(port).name == port


def test_interface_names_fit_the_kernel() -> None:
    for node in draw(PLAN, 1).nodes.values():
        assert all(len(port.name) <= 15 for port in node.ports)


def test_only_carriers_circuits_pass_the_wire_process() -> None:
    for link in draw(PLAN, 1).links.values():
        assert link.wire == bool(link.provider)


def test_the_host_reaches_the_province_through_one_port_only() -> None:
    assert [link.name for link in draw(PLAN, 1).links_of("host")] == ["dc-sw-1--host"]


def test_a_scrambled_province_is_another_at_each_seed_and_the_same_at_one() -> None:
    first, again, other = (draw(PLAN, seed, scrambled=True) for seed in (7, 7, 8))
    assert first == again
    names = [{node.called for node in one.nodes.values()} - {"host"} for one in (first, other)]
    assert not names[0] & names[1]
    wires = [{(link.a, link.z) for link in one.links.values()} for one in (first, other)]
    assert wires[0] != wires[1]


def test_a_scrambled_switch_has_a_port_to_move_a_cable_to() -> None:
    drawn = draw(PLAN, 7, scrambled=True)
    assert {node for node, _ in spares(drawn)} == {one.name for one in drawn.of_kind(Kind.SWITCH)}
    assert spares(draw(PLAN, 7)) == []


def test_a_switch_has_an_address_of_its_own_that_no_cable_changes() -> None:
    province = draw(PLAN, 1)
    switches = [node for node in province.nodes.values() if node.kind is Kind.SWITCH]
    lines = [line for node in switches for line in node_lines(node, province)]
    given = [line.split()[4] for line in lines if line.endswith("type bridge")]
    assert given == [base_address(node) for node in switches]
    assert len(set(given)) == len(switches)
