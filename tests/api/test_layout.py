"""The drawing of the network."""

from __future__ import annotations

from itertools import combinations
from math import dist, hypot

from hypothesis import given
from hypothesis import strategies as st

from api.web.layout import rings


def star(hubs: int, communes: int) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {"dc": set()}
    for hub in range(hubs):
        _join(near, "dc", f"h{hub}")
        for commune in range(communes):
            _join(near, f"h{hub}", f"h{hub}c{commune}")
    return near


def _join(near: dict[str, set[str]], one: str, other: str) -> None:
    near.setdefault(one, set()).add(other)
    near.setdefault(other, set()).add(one)


def test_seven_hundred_sites_do_not_stand_on_each_other() -> None:
    placed = rings(star(30, 23), ["dc"])
    assert len(placed) == 721
    assert min(dist(a, b) for a, b in combinations(placed.values(), 2)) > 20


def test_the_ring_says_how_many_links_away_a_site_is() -> None:
    placed = rings(star(3, 4), ["dc"])
    far = {site: round(hypot(*point)) for site, point in placed.items()}
    assert far["dc"] == 0
    assert len({far[f"h{hub}"] for hub in range(3)}) == 1
    assert all(far[f"h{hub}c{one}"] > far[f"h{hub}"] for hub in range(3) for one in range(4))


sites = st.sampled_from([f"s{number}" for number in range(12)])


@given(st.lists(st.tuples(sites, sites), max_size=30), st.sets(sites, max_size=2))
def test_exactly_what_a_link_leads_to_is_drawn_each_at_its_own_place(
    links: list[tuple[str, str]], roots: set[str]
) -> None:
    near: dict[str, set[str]] = {}
    for one, other in links:
        _join(near, one, other)
    reached, edge = set(roots), set(roots)
    while edge:
        edge = {other for one in edge for other in near.get(one, ())} - reached
        reached |= edge
    placed = rings(near, roots)
    assert placed.keys() == reached
    assert len(set(placed.values())) == len(placed)
