"""Waves: the least first, batches, caps of sites, and never both legs of a pair in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.network import DeviceNode, GroupNode, LinkEdge, Network, ServiceNode
from inventory.topology import Topology
from playbooks.changes.rollout import Candidate, Neighbourhood, Rollout, compose

SPOKES = [f"xa-{number}" for number in range(12)]


def topology() -> Topology:
    """Two hubs on a core; each spoke hangs on both, and a switch on the first spoke."""
    devices = [DeviceNode("core", "dc", is_root=True), DeviceNode("fw-1", "dc")]
    devices += [DeviceNode("fw-2", "dc"), DeviceNode("hub-1", "h1"), DeviceNode("hub-2", "h2")]
    devices += [DeviceNode(name, name) for name in SPOKES] + [DeviceNode("sw", "xa-0")]
    links = [("core", near) for near in ("hub-1", "hub-2", "fw-1", "fw-2")]
    links += [(hub, name) for hub in ("hub-1", "hub-2") for name in SPOKES] + [("xa-0", "sw")]
    return Topology(
        Network(
            devices=tuple(devices),
            links=tuple(LinkEdge(f"{a}-{z}", a, z) for a, z in links),
            groups=(GroupNode("firewalls", 1, ("fw-1", "fw-2")),),
            services=(ServiceNode("portal", ("xa-3", "xa-4")),),
        )
    )


AROUND = Neighbourhood(topology(), {})


def candidates(*keys: str, site: str = "") -> list[Candidate]:
    return [Candidate(key, key, site or key) for key in keys]


def waves(rollout: Rollout, *keys: str) -> list[list[str]]:
    found, problems = compose(candidates(*keys), rollout, AROUND)
    assert not problems
    return [[one.key for one in wave] for wave in found]


def test_the_canary_is_what_the_least_hangs_on() -> None:
    assert waves(Rollout(canary=1), "hub-1", "xa-0", "xa-1")[0] == ["xa-1"]


def test_batches_hold_as_many_as_was_said() -> None:
    found = waves(Rollout(canary=1, batch=4), *SPOKES[5:])
    assert [len(wave) for wave in found] == [1, 4, 2]


def test_two_legs_of_a_redundancy_group_have_their_turn_apart() -> None:
    assert waves(Rollout(batch=10), "fw-1", "fw-2") == [["fw-1"], ["fw-2"]]


def test_two_devices_that_together_cut_others_off_have_their_turn_apart() -> None:
    assert waves(Rollout(batch=10), "hub-1", "hub-2") == [["hub-1"], ["hub-2"]]


def test_two_devices_that_carry_a_service_together_have_their_turn_apart() -> None:
    assert waves(Rollout(batch=10), "xa-3", "xa-4") == [["xa-3"], ["xa-4"]]


@pytest.mark.parametrize("pair", [("fw-1", "fw-2"), ("hub-1", "hub-2"), ("xa-3", "xa-4")])
def test_two_legs_in_the_only_wave_are_refused_by_name(pair: tuple[str, str]) -> None:
    _, (problem,) = compose(candidates(*pair), Rollout(), AROUND)
    assert problem.value == pair[1]
    assert "batch" in problem.fix


def test_no_wave_holds_more_of_a_site_than_was_said() -> None:
    found, _ = compose(candidates(*SPOKES[5:9], site="dc"), Rollout(per_site=2), AROUND)
    assert [len(wave) for wave in found] == [2, 2]


KEYS = ["fw-1", "fw-2", "hub-1", "hub-2", "sw", *SPOKES]


@given(
    st.sets(st.sampled_from(KEYS), min_size=1),
    st.integers(0, 3),
    st.integers(1, 6),
)
def test_every_device_has_one_turn_and_no_wave_cuts_off_what_none_does_alone(
    keys: set[str], canary: int, batch: int
) -> None:
    found = waves(Rollout(canary=canary, batch=batch), *sorted(keys))
    assert sorted(key for wave in found for key in wave) == sorted(keys)
    for wave in found:
        alone = [AROUND.together([key]) for key in wave]
        joint = AROUND.together(wave)
        assert joint.devices == frozenset().union(*(each.devices for each in alone))
        assert joint.services == frozenset().union(*(each.services for each in alone))
