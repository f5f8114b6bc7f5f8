"""Ways through the topology against brute force: widen the circle step by step and count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.network import Element, LinkEdge, Network
from inventory.topology import Topology
from tests.inventory.test_topology import device, elements_of, networks

if TYPE_CHECKING:
    from collections.abc import Collection


def steps(network: Network, start: set[str], goal: str, without: Collection[Element]) -> int | None:
    """Return the fewest links from any of `start` to `goal`, None when there is no way."""
    usable = [link for link in network.links if not _is_cut(link, without)]
    alive = {node.key for node in network.devices if device(node.key) not in without}
    reached, count = start & alive, 0
    while goal not in reached:
        near = {end for link in usable for end in (link.a, link.z) if {link.a, link.z} & reached}
        if near & alive <= reached:
            return None
        reached, count = reached | (near & alive), count + 1
    return count


def _is_cut(link: LinkEdge, without: Collection[Element]) -> bool:
    carried = link.circuit and Element(ElementKind.CIRCUIT, link.circuit) in without
    return bool(carried) or Element(ElementKind.LINK, link.key) in without


@st.composite
def questions(draw: st.DrawFn) -> tuple[Network, str, str, list[Element]]:
    network = draw(networks())
    names = st.sampled_from([node.key for node in network.devices])
    failed = draw(st.lists(st.sampled_from(elements_of(network)), max_size=3))
    return network, draw(names), draw(names), failed


@given(questions())
def test_a_path_takes_the_fewest_links_there_are(
    question: tuple[Network, str, str, list[Element]],
) -> None:
    network, start, goal, failed = question
    path = Topology(network).path(start, goal, failed)
    expected = steps(network, {start}, goal, failed)
    assert (None if not path else len(path) // 2) == expected


@given(questions())
def test_a_path_to_the_monitors_ends_at_the_nearest_root(
    question: tuple[Network, str, str, list[Element]],
) -> None:
    network, start, _, failed = question
    roots = {node.key for node in network.devices if node.is_root}
    path = Topology(network).path(start, without=failed)
    assert (None if not path else len(path) // 2) == steps(network, roots, start, failed)


@given(questions())
def test_a_path_is_whole_and_uses_nothing_it_must_not(
    question: tuple[Network, str, str, list[Element]],
) -> None:
    network, start, goal, failed = question
    path = Topology(network).path(start, goal, failed)
    links = {link.key: link for link in network.links}
    for before, between, after in zip(path[::2], path[1::2], path[2::2], strict=False):
        link = links[between.key]
        assert {before.key, after.key} == {link.a, link.z}
        assert not _is_cut(link, failed)
    assert not set(path) & set(failed)
    assert not path or (path[0].key, path[-1].key) == (start, goal)


def test_a_path_names_what_it_does_not_know() -> None:
    with pytest.raises(NotFoundError, match="device nobody"):
        Topology(Network()).path("nobody")
