"""A walk reaches everybody within its limits, and one dead device spoils nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from hatang.errors import InvalidInputError, Reason
from inventory.discovery.order import Limits, Order, checked, limits_of, may_ask
from inventory.discovery.pacing import Pacer
from inventory.discovery.sweep import Found, Sweep
from tests.inventory.discovery.network import USER, WRONG, Box, Network, small

FAST = Limits(per_second=10_000.0, per_network_second=10_000.0)
SEED = "10.250.1.2"


class Remembered:
    """Tries in memory."""

    def __init__(self, limit: int = 3) -> None:
        self.limit = limit
        self.counts: Counter[tuple[str, str]] = Counter()

    def begin(self, address: str, credential: str) -> bool:
        if self.counts[address, credential] >= self.limit:
            return False
        self.counts[address, credential] += 1
        return True

    def end(self, address: str, credential: str, *, accepted: bool | None) -> None:
        if accepted:
            del self.counts[address, credential]
        elif accepted is None:
            self.counts[address, credential] -= 1


def walk(network: Network, order: Order | None = None, **given: object) -> Found:
    order = order or Order(seeds=(SEED,), limits=FAST)
    given.setdefault("tries", Remembered())
    sweep = Sweep(order, {"lab": USER}, network, **given)  # type: ignore[arg-type]
    return asyncio.run(sweep.run())


def names(found: Found) -> set[str]:
    return {facts.name for facts in found.devices}


def test_everybody_is_found_from_one_seed() -> None:
    found = walk(small())
    assert names(found) == {"core-1", "rtr-01", "rtr-02", "sw-1"}
    assert found.failures == []


def test_a_device_with_many_addresses_is_one_device() -> None:
    network = small()
    prefixes = ("10.250.1.0/29", "10.250.2.0/29", "10.250.9.0/29")
    found = walk(network, Order(prefixes=prefixes, limits=FAST))
    assert Counter(facts.name for facts in found.devices) == Counter([*network.boxes])


def test_a_dead_device_costs_only_itself_and_says_what_to_do() -> None:
    network = small()
    network.refusing.add("10.250.2.1")
    found = walk(network)
    assert names(found) == {"core-1", "rtr-01", "sw-1"}
    ((address, reason, step),) = [
        (one.address, one.reason, one.next_step) for one in found.failures
    ]
    assert (address, reason) == ("10.250.2.1", Reason.AUTH_FAILED)
    assert "credential import" in step


def test_a_silent_seed_is_a_failure_and_a_silent_address_of_a_prefix_is_none() -> None:
    assert [one.reason for one in walk(Network()).failures] == [Reason.TIMEOUT]
    order = Order(prefixes=("10.250.1.0/30",), limits=FAST)
    assert walk(Network(), order).failures == []


def test_who_speaks_no_lldp_is_found_by_the_arp_of_its_router() -> None:
    network = small()
    ups = network.add(Box("ups-1", 9, speaks_lldp=False))
    ups.add("eth0", "10.250.2.7")
    network.boxes["rtr-02"].arp["10.250.2.7"] = ups.mac(1)
    assert "ups-1" in names(walk(network))


def test_a_router_whose_lines_nobody_can_reach_is_found_by_the_route_to_its_loopback() -> None:
    network = small()
    far = network.add(Box("rtr-09", 9, speaks_lldp=False))
    far.add("lo", "10.250.77.1")
    network.boxes["core-1"].routes = ("10.250.77.1",)
    assert "rtr-09" in names(walk(network))


def test_the_walk_keeps_to_its_networks() -> None:
    order = Order(seeds=(SEED,), within=("10.250.1.0/24",), limits=FAST)
    network = small()
    assert names(walk(network, order)) == {"core-1", "rtr-01"}
    assert {address for address, _ in network.asked} <= {"10.250.1.1", "10.250.1.2"}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (replace(FAST, depth=0), {"core-1"}),
        (replace(FAST, devices=1), {"core-1"}),
        (replace(FAST, addresses=1), {"core-1"}),
    ],
    ids=["depth", "devices", "addresses"],
)
def test_each_limit_cuts_the_walk_and_is_told(limits: Limits, expected: set[str]) -> None:
    found = walk(small(), Order(seeds=(SEED,), limits=limits))
    assert names(found) == expected
    assert found.is_cut


def test_a_refused_credential_is_not_tried_for_ever() -> None:
    network, tries = small(), Remembered(limit=2)
    network.refusing.add(SEED)
    reasons = [walk(network, tries=tries).failures[0].reason for _ in range(4)]
    assert reasons == [Reason.AUTH_FAILED, Reason.AUTH_FAILED, Reason.REJECTED, Reason.REJECTED]
    assert len(network.asked) == 2


def test_no_answer_costs_no_try() -> None:
    tries = Remembered(limit=1)
    for _ in range(3):
        assert walk(Network(), tries=tries).failures[0].reason is Reason.TIMEOUT


def test_the_credential_that_worked_is_tried_first_next_time() -> None:
    network = small()
    logins = {"a-wrong": WRONG, "lab": USER}
    order = Order(seeds=(SEED,), limits=replace(FAST, at_once=1))
    asyncio.run(Sweep(order, logins, network, Remembered()).run())
    wrong = [address for address, user in network.asked if user == WRONG.username]
    assert wrong == [SEED]


def test_a_stopped_walk_keeps_what_it_read() -> None:
    found = Found()
    stopped = walk(small(), found=found, stopped=lambda: bool(found.devices))
    assert names(stopped) == {"core-1"}


def test_turns_keep_to_both_rates() -> None:
    pacer = Pacer(Limits(per_second=10, per_network_second=2))
    same = [pacer.turn("10.0.0.1", 0.0) for _ in range(3)]
    assert same == [0.0, 0.5, 1.0]
    assert pacer.turn("10.0.1.1", 0.0) == pytest.approx(1.1)


@pytest.mark.parametrize("seed", ["127.0.0.1", "224.0.0.1", "0.0.0.0", "name"])
def test_a_seed_that_is_no_device_is_refused(seed: str) -> None:
    with pytest.raises(InvalidInputError):
        checked(Order(seeds=(seed,)))


def test_everything_wrong_with_an_order_is_told_at_once() -> None:
    order = Order(seeds=("x",), prefixes=("10.0.0.0/8", "10.0.0.1/24"), within=("y",))
    with pytest.raises(InvalidInputError) as caught:
        checked(order)
    assert [one.field for one in caught.value.problems] == ["seed", "prefix", "prefix", "within"]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.1.1", "ff02::1", "8.8.8.8"])
def test_a_neighbour_cannot_send_the_walk_elsewhere(address: str) -> None:
    assert not may_ask(address, Order(seeds=(SEED,)).networks(), is_lab=False)


def test_limits_are_read_by_name_and_within_bounds() -> None:
    assert limits_of(["depth=2", "per_second=5"]) == Limits(depth=2, per_second=5.0)
    with pytest.raises(InvalidInputError) as caught:
        limits_of(["depth=1000", "speed=1", "tries=x"])
    assert len(caught.value.problems) == 3
