"""A storm of faults is one page and one recovery for each, whatever dies in the middle of it.

The short form breaks four at once; the long form breaks five one after another, five times, so that
each process is killed in the middle of each kind of fault. The orders come from a printed seed;
HATANG_TEST_SEED replays them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.storm import (
    PAGE_SECONDS,
    RECOVERY_SECONDS,
    Pages,
    Storm,
    battery,
    check_each_fault_once,
    last_mile,
    leg,
    node,
    seed_of_run,
    told,
    what,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

PROCESSES = ("api", "worker", "monitor", "prometheus", "alertmanager")
# The core takes hub-2 and five more sites with it; the leg hangs on it too, but hub-3 has another.
SHORT = (
    node("core-2"), leg("VNPT-003", hidden_by="core-2"),
    battery("hub-3"), last_mile("VIETTEL-004", "xa-04"),
)  # fmt: skip
# Core, hub, leg, mains, last mile: each round other ones, since what breaks often is flapping.
ROUNDS = (
    (node("core-1"), node("hub-2"), leg("VNPT-001", "core-1"), battery("hub-3"),
     last_mile("VIETTEL-007", "xa-10")),
    (node("core-2"), node("hub-3"), leg("VIETTEL-001", "core-2"), battery("hub-1"),
     last_mile("VNPT-006", "xa-03")),
    (node("core-1"), node("hub-2"), leg("VIETTEL-002", "core-1"), battery("hub-1"),
     last_mile("VNPT-005", "xa-01")),
    (node("core-2"), node("hub-2", hidden_by="core-2"), leg("VNPT-003", "core-2"),
     battery("hub-1"), last_mile("VIETTEL-003", "xa-02")),
    (node("core-1"), node("hub-1"), leg("VIETTEL-002", "core-1"), battery("hub-3"),
     last_mile("VNPT-008", "xa-07")),
)  # fmt: skip
# All circuits of one carrier: one of two legs each of hub-1 and hub-3, and six communes' only ones.
CARRIER = (
    leg("VIETTEL-001"), leg("VIETTEL-002"), last_mile("VIETTEL-003", "xa-02"),
    last_mile("VIETTEL-004", "xa-04"), last_mile("VIETTEL-005", "xa-06"),
    last_mile("VIETTEL-006", "xa-08"), last_mile("VIETTEL-007", "xa-10"),
    last_mile("VIETTEL-008", "xa-12"),
)  # fmt: skip
OUTAGE = "provider VIETTEL"
CIRCUITS = tuple(f"VIETTEL-00{number}" for number in range(1, 9))
QUIET_SECONDS = 12.0
# A routing session that stays down is told two minutes after the heal, and a poll of 30 s.
LONG_QUIET_SECONDS = 200.0
ONE_MINUTE = 60.0
# What changes six times in ten minutes is flapping; a round is two changes.
ROUND_SECONDS = 330.0


@pytest.fixture
def quiet(pages: Receiver) -> Receiver:
    """Begin when what other proofs told is over."""
    assert eventually(pages.is_over, LONG_QUIET_SECONDS), pages.notifications()
    pages.forget()
    return pages


@pytest.fixture(scope="module")
def short(
    hatang: Installation,
    blind: Installation,
    province: Province,
    pages: Receiver,
    blind_pages: Receiver,
) -> Iterator[Storm]:
    """Four faults at once, healed in another order, one process killed on the way."""
    assert blind.process
    assert eventually(pages.is_over, LONG_QUIET_SECONDS), pages.notifications()
    pages.forget()
    blind_pages.forget()
    storm = Storm(province, hatang, pages, SHORT, seed_of_run())
    try:
        rage(storm, storm.draw.choice(PROCESSES))
    finally:
        storm.heal_all()
    time.sleep(QUIET_SECONDS)
    yield storm
    pages.forget()


def rage(storm: Storm, victim: str) -> None:
    """Break everything at once, but for what would hide one another, and heal it likewise."""
    with storm.killing(victim):
        for fault in storm.breaks:
            if any(each.hidden_by == fault.name for each in storm.broken):
                storm.await_pages()
            storm.break_(fault)
        storm.await_pages()
    for fault in storm.heals:
        if fault.hidden_by and not storm.is_hidden(fault):
            storm.await_pages()
        storm.heal(fault)
    storm.await_recovery(*storm.faults)


def endure(storm: Storm, number: int) -> None:
    """Break one after another and heal one after another, a process dying in each of both."""
    victims = {
        fault.name: PROCESSES[(place + number) % len(PROCESSES)]
        for place, fault in enumerate(storm.faults)
    }
    for fault in storm.breaks:
        with storm.killing(victims[fault.name]):
            storm.break_(fault)
            storm.await_pages()
    for fault in storm.heals:
        with storm.killing(storm.draw.choice(PROCESSES)):
            is_seen = not storm.is_hidden(fault)
            storm.heal(fault)
            storm.await_pages()
            if is_seen:
                storm.await_recovery(fault)
    storm.await_recovery(*storm.faults)


def check_two_pages_in_a_minute(pages: Pages, storm: Storm) -> None:
    """The lost mains and the lost circuit, broken within one minute, are a page each."""
    _, _, mains, circuit = storm.faults
    apart = abs(storm.broken_at[mains.name] - storm.broken_at[circuit.name])
    hold(apart < ONE_MINUTE, f"they broke {apart:.0f} s apart")
    found = told(pages, "firing")
    hold(found[mains.told_as] == found[circuit.told_as] == 1, f"told {found}")


def test_each_fault_of_a_storm_is_one_page_and_one_recovery(
    short: Storm, pages: Receiver, figures: Callable[[str], None]
) -> None:
    figures(f"seed {short.seed}: {'; '.join(short.journal)}")
    check_each_fault_once(pages.notifications(), short.faults, short.seed)


def test_two_faults_within_a_minute_are_two_pages(short: Storm, pages: Receiver) -> None:
    check_two_pages_in_a_minute(pages.notifications(), short)


def test_sabotage_the_second_fault_taken_for_the_first(short: Storm, pages: Receiver) -> None:
    kept = [page for page in pages.notifications() if what(page) != short.faults[-1].told_as]
    with turns_red():
        check_two_pages_in_a_minute(kept, short)


def test_sabotage_without_cables_effects_are_told_too(
    short: Storm, blind_pages: Receiver, figures: Callable[[str], None]
) -> None:
    figures(f"without cables {sum(told(blind_pages.notifications(), 'firing').values())} pages")
    with turns_red():
        check_each_fault_once(blind_pages.notifications(), short.faults, short.seed)


def test_sabotage_a_fault_that_nobody_was_told_of(short: Storm, pages: Receiver) -> None:
    with turns_red():
        missed = (*short.faults, node("hub-2"))
        check_each_fault_once(pages.notifications(), missed, short.seed)


def test_sabotage_a_recovery_that_came_twice(short: Storm, pages: Receiver) -> None:
    last = pages.notifications("resolved")[-1:]
    with turns_red():
        check_each_fault_once(pages.notifications() + last, short.faults, short.seed)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_it_is_so_with_every_fault_and_every_process(
    number: int,
    quiet: Receiver,
    hatang: Installation,
    province: Province,
    figures: Callable[[str], None],
) -> None:
    began = time.monotonic()
    storm = Storm(province, hatang, quiet, ROUNDS[number], seed_of_run())
    try:
        endure(storm, number)
    finally:
        storm.heal_all()
    figures(f"round {number}, seed {storm.seed}: {'; '.join(storm.journal)}")
    spent = time.monotonic() - began
    time.sleep(max(LONG_QUIET_SECONDS, ROUND_SECONDS - spent))
    check_each_fault_once(quiet.notifications(), storm.faults, storm.seed)


@pytest.fixture(scope="module")
def carrier(hatang: Installation, province: Province, pages: Receiver) -> Iterator[Storm]:
    """A carrier loses all its circuits at once and brings them back one by one."""
    assert eventually(pages.is_over, LONG_QUIET_SECONDS), pages.notifications()
    pages.forget()
    storm = Storm(province, hatang, pages, CARRIER, seed_of_run())
    try:
        for fault in storm.breaks:
            storm.break_(fault)
        eventually(lambda: OUTAGE in told(pages.notifications(), "firing"), PAGE_SECONDS)
        time.sleep(ONE_MINUTE)
        for fault in storm.heals:
            storm.heal(fault)
        eventually(lambda: OUTAGE in told(pages.notifications(), "resolved"), RECOVERY_SECONDS)
    finally:
        storm.heal_all()
    time.sleep(LONG_QUIET_SECONDS)
    yield storm
    pages.forget()


def check_one_outage(pages: Pages, storm: Storm) -> None:
    """One page and one recovery, of the carrier, with its hotline and every circuit."""
    for status in ("firing", "resolved"):
        found = told(pages, status)
        hold(found == {OUTAGE: 1}, f"seed {storm.seed}: told {status} {dict(found)}")
    texts = [page["commonAnnotations"] for page in pages if page["status"] == "firing"]
    hold(texts[-1]["call_en"].startswith("VIETTEL: 1"), texts[-1]["call_en"])
    missing = [each for each in CIRCUITS if each not in texts[-1]["effects_en"]]
    hold(not missing, f"not named: {missing} in {texts[-1]['effects_en']}")


@pytest.mark.soak
def test_a_carriers_outage_is_one_page(
    carrier: Storm, pages: Receiver, figures: Callable[[str], None]
) -> None:
    figures(f"seed {carrier.seed}: {'; '.join(carrier.journal)}")
    check_one_outage(pages.notifications(), carrier)


@pytest.mark.soak
def test_sabotage_of_the_outage_two_pages_were_sent(carrier: Storm, pages: Receiver) -> None:
    sent = pages.notifications()
    again = [page | {"groupKey": "again"} for page in sent[:1]]
    with turns_red():
        check_one_outage(sent + again, carrier)
