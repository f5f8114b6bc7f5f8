"""Several probes of one service: none hides another, each is made when it is due."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hatang import clock
from hatang.drivers.protocols import PingResult
from monitors.board import Board, policies
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.exposition import Exposition
from monitors.probes.result import Means
from monitors.service_watch import ServiceShared, ServiceWatch
from monitors.targets import ServiceTarget, Targets
from tests.monitors.fakes import FakeSip
from tests.monitors.running import loop_over

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = datetime(2026, 1, 1, tzinfo=UTC)
PORTAL = Element(ElementKind.SERVICE, "portal")
FIRST, SECOND = "10.0.0.1", "10.0.0.2"


class FakePinger:
    """Answers for every address that is not `dead`, and counts how often each was asked."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.asked: list[str] = []

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        self.asked += addresses
        return {
            address: PingResult(address, count, 0, None)
            if address in self.dead
            else PingResult(address, count, count, 0.001)
            for address in addresses
        }


def probe(address: str, name: str, period: float | None = None) -> ServiceTarget:
    return ServiceTarget("portal", "ping", f"ping://{address}", 1, name, period)


def watching(pinger: FakePinger, *targets: ServiceTarget) -> ServiceWatch:
    shared = ServiceShared(
        Board(policies(30.0)), Exposition(), Means(pinger, FakeSip()), reprobe_seconds=0.0
    )
    return ServiceWatch(targets, shared)


def test_a_service_is_as_its_worst_probe_and_names_it() -> None:
    pinger = FakePinger()
    watch = watching(pinger, probe(FIRST, "front"), probe(SECOND, "back"))
    pinger.dead = {SECOND}
    asyncio.run(watch.poll())
    state = watch.shared.board.state(PORTAL)
    assert (state.state, state.cause, state.evidence["probe"]) == (State.BAD, Cause.TIMEOUT, "back")


def test_the_failures_of_one_probe_are_not_those_of_another() -> None:
    pinger = FakePinger()
    watch = watching(pinger, probe(FIRST, "front"), probe(SECOND, "back"))
    asyncio.run(watch.poll())
    pinger.dead = {SECOND}
    pinger.asked.clear()
    asyncio.run(watch.poll())
    # One answer, and the failure with its two repeats: nobody repeats what answered.
    assert (pinger.asked.count(FIRST), pinger.asked.count(SECOND)) == (1, 3)


def test_every_probe_of_a_service_has_series_of_its_own() -> None:
    pinger = FakePinger()
    pinger.dead = {SECOND}
    watch = watching(pinger, probe(FIRST, "front"), probe(SECOND, "back"))
    asyncio.run(watch.poll())
    page = watch.shared.exposition.page()
    assert page.count("# TYPE probe_success gauge") == 1
    assert (
        'probe_success{instance="service:portal",service="portal",probe="ping",name="front"} 1.0'
        in page
    )
    assert (
        'probe_success{instance="service:portal",service="portal",probe="ping",name="back"} 0.0'
        in page
    )


def test_a_rare_probe_is_made_rarely_and_what_it_said_stays_fresh() -> None:
    pinger = FakePinger()
    watch = watching(pinger, probe(FIRST, "often"), probe(SECOND, "rarely", 300.0))

    async def run() -> None:
        with clock.frozen(AT) as hand:
            for _ in range(10):
                await watch.tick()
                hand.advance(30)
            assert watch.shared.board.expire(clock.now()) == 0

    asyncio.run(run())
    assert (pinger.asked.count(FIRST), pinger.asked.count(SECOND)) == (10, 1)
    assert watch.shared.board.state(PORTAL).state is State.GOOD


def test_what_a_rare_probe_found_bad_is_not_healed_by_the_others() -> None:
    pinger = FakePinger()
    pinger.dead = {SECOND}
    watch = watching(pinger, probe(FIRST, "often"), probe(SECOND, "rarely", 300.0))

    async def run() -> None:
        with clock.frozen(AT) as hand:
            await watch.tick()
            pinger.dead = set()
            hand.advance(30)
            await watch.tick()

    asyncio.run(run())
    assert watch.shared.board.state(PORTAL).state is State.BAD


def test_probes_of_one_service_do_not_take_each_others_place() -> None:
    async def run() -> int:
        loop = loop_over()
        services = (probe(FIRST, "front"), probe(SECOND, "back"), probe("10.0.0.3", "third", 5.0))
        await loop.apply(Targets((), services))
        (watch,) = loop._services.values()
        assert loop._probes._periods == {"portal": 5.0}
        return len(watch.targets)

    assert asyncio.run(run()) == 3
