"""What fails again pages again, and nothing recovers that nobody measured to be good.

An Alertmanager alone fails both: a recovery under a silence is never delivered, so that the relapse
is no page, and what Prometheus stops sending recovers by itself.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.doors import http
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.storm import PAGE_SECONDS, RECOVERY_SECONDS, leg, node, told, what

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver
    from tests.acceptance.storm import Fault, Pages

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

TAKEN, WORKED_ON = node("xa-11"), node("xa-09")  # no other proof breaks these
LEG, HUB = leg("VIETTEL-001", hidden_by="hub-1"), node("hub-1")
HIDDEN, WHOLE = node("xa-03", hidden_by="hub-1"), node("xa-01")  # behind that hub
UPS = "ups-hub-1"
ALERTS = 2  # UpsOnBattery, UpsRunsOut
LEFT_MINUTES, FULL_MINUTES = 8, 45  # the rule says below 10
LATER_SECONDS = 60.0
HIDDEN_SECONDS = 60.0
LONG_QUIET_SECONDS = 200.0
QUIET_SECONDS = 12.0  # Alertmanager's group interval, and some more
STOPPED_SECONDS = 60.0
LONG_STOPPED_SECONDS = 600.0
BACK_SECONDS = 60.0  # Prometheus scrapes, judges and posts again; a hold and a group interval
RESENT_SECONDS = 75.0  # hatang sends what is open once a minute
START_SECONDS = 60.0


@dataclass
class Town:
    """The province, its hatang, and who is told."""

    province: Province
    hatang: Installation
    pages: Receiver
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    """Two commands of the lab refuse each other."""

    def break_(self, *faults: Fault) -> None:
        for fault in faults:
            self._command(*fault.breaking)

    def heal(self, *faults: Fault) -> None:
        for fault in faults:
            self._command(*fault.healing)

    def _command(self, *words: str) -> None:
        with self._one_at_a_time:
            self.province.command(*words)

    def count(self, fault: Fault, status: str) -> int:
        return told(self.pages.notifications(), status)[fault.told_as]

    def of_ups(self, status: str = "") -> Pages:
        """Return what was told of the UPS."""
        return [page for page in self.pages.notifications(status) if is_of_ups(page)]

    def await_told(self, count: int, status: str, *faults: Fault) -> None:
        """Wait until so many were told of each."""
        seconds = PAGE_SECONDS if status == "firing" else RECOVERY_SECONDS
        reached = eventually(
            lambda: all(self.count(each, status) >= count for each in faults), seconds
        )
        found = told(self.pages.notifications(), status)
        hold(reached, f"no {count}. {status} of {faults} within {seconds:.0f} s: {found}")

    def take(self, fault: Fault) -> None:
        """Acknowledge the incident that was told last of this fault."""
        firing = self.pages.notifications("firing")
        mine = [page for page in firing if what(page) == fault.told_as]
        number = str(mine[-1]["commonLabels"]["incident"])
        words = ("--note", "đang gọi nhà mạng", "--hours", "4")
        self.hatang.hatang("incident", "ack", number, *words, person="lan").good()

    def announce_work(self, fault: Fault) -> str:
        """Announce maintenance of what broke; return its number."""
        words = ("announce", fault.name, "--hours", "2", "--reason", "thay nguồn")
        return str(self.hatang.json("maintenance", *words, person="lan")["id"])


def is_of_ups(page: dict[str, Any]) -> bool:
    return what(page).split()[-1] == UPS


@pytest.fixture(scope="module")
def town(hatang: Installation, province: Province, pages: Receiver) -> Town:
    """Begin when what other proofs told is over."""
    assert eventually(pages.is_over, LONG_QUIET_SECONDS), pages.notifications()
    return Town(province, hatang, pages)


def check_told(pages: Pages, fault: Fault, expected: list[str]) -> None:
    """The receiver was told exactly this of the fault, in this order."""
    found = [page["status"] for page in pages if what(page) == fault.told_as]
    hold(found == expected, f"of {fault.name} told {found}, not {expected}")


def check_silence(pages: Pages) -> None:
    """Nobody was told anything."""
    words = [f"{page['status']} {what(page)}" for page in pages]
    hold(not words, f"told {words}")


def check_no_recovery(pages: Pages, *faults: Fault) -> None:
    """Nobody was told that any of these is over."""
    over = told(pages, "resolved")
    early = [each.name for each in faults if over[each.told_as]]
    hold(not early, f"recoveries of what is still broken: {early}")


@dataclass(frozen=True)
class Hidden:
    """What was told while the hub was dead, and until the circuit behind it was healed.

    `after_heal` has how many seconds after the heal of the hub each cause was first told.
    """

    dead: Pages
    before: Pages
    after_heal: dict[str, float]


@dataclass(frozen=True)
class Told:
    """What was told of what the hub hid, and in the end."""

    hidden: Hidden
    after: Pages


@pytest.fixture(scope="module")
def relapsed(town: Town) -> Iterator[Told]:
    """Two routers fail, one is taken by a person, one comes under maintenance; both fail again.

    Meanwhile, elsewhere, a circuit fails, then the hub at its end dies, then a router behind that;
    the hub comes back, then the circuit.
    """
    town.pages.forget()
    with ThreadPoolExecutor() as elsewhere:
        hiding = elsewhere.submit(hide, town)
        fail_again(town)
        hidden = hiding.result()
    town.await_told(2, "resolved", TAKEN, WORKED_ON)
    town.await_told(1, "resolved", LEG)
    town.await_told(1, "resolved", HIDDEN)
    yield Told(hidden, town.pages.notifications())
    town.pages.forget()


def fail_again(town: Town) -> None:
    """Break two routers, heal them when somebody sees to each, break and heal them again."""
    try:
        town.break_(TAKEN, WORKED_ON)
        town.await_told(1, "firing", TAKEN, WORKED_ON)
        town.take(TAKEN)
        work = town.announce_work(WORKED_ON)
        town.heal(TAKEN, WORKED_ON)
        town.await_told(1, "resolved", TAKEN, WORKED_ON)
        town.hatang.hatang("maintenance", "end", work, person="lan").good()
        time.sleep(LATER_SECONDS)
        town.break_(TAKEN, WORKED_ON)
        town.await_told(2, "firing", TAKEN, WORKED_ON)
    finally:
        town.heal(TAKEN, WORKED_ON)


def hide(town: Town) -> Hidden:
    """Break a circuit, the hub at its end and a router behind it, heal the hub, then the others."""
    try:
        for fault in (LEG, HUB):
            town.break_(fault)
            town.await_told(1, "firing", fault)
        town.break_(HIDDEN)
        time.sleep(QUIET_SECONDS)
        dead = town.pages.notifications()
        town.heal(HUB)
        after_heal = first_told(town, (HIDDEN, WHOLE), time.monotonic())
        town.await_told(1, "resolved", HUB)
        time.sleep(QUIET_SECONDS)
        return Hidden(dead, town.pages.notifications(), after_heal)
    finally:
        town.heal(HUB, LEG, HIDDEN)


def first_told(town: Town, faults: tuple[Fault, ...], began: float) -> dict[str, float]:
    """Return after how many seconds each was told, of those told with the first or soon after."""
    found: dict[str, float] = {}

    def all_are() -> bool:
        for fault in faults:
            if town.count(fault, "firing"):
                found.setdefault(fault.name, time.monotonic() - began)
        return len(found) == len(faults)

    eventually(lambda: all_are() or bool(found), HIDDEN_SECONDS + QUIET_SECONDS)
    eventually(all_are, QUIET_SECONDS)
    return found


def check_hidden_pages_in_time(hidden: Hidden, fault: Fault) -> None:
    """While the hub was dead nobody was told of the fault; within a minute of its heal one was."""
    early = told(hidden.dead, "firing")[fault.told_as]
    hold(not early, f"{fault.name} was told while its hub was dead")
    seconds = hidden.after_heal.get(fault.name)
    late = f"{fault.name} was told {seconds} s after the heal"
    hold(seconds is not None and seconds <= HIDDEN_SECONDS, late)


def test_a_fault_hidden_under_a_dead_hub_pages_within_a_minute_of_its_heal(
    relapsed: Told, figures: Callable[[str], None]
) -> None:
    figures(f"after the heal of the hub: {relapsed.hidden.after_heal}")
    check_hidden_pages_in_time(relapsed.hidden, HIDDEN)
    check_told(relapsed.after, HIDDEN, ["firing", "resolved"])


def test_sabotage_nothing_was_broken_under_the_hub(relapsed: Told) -> None:
    with turns_red():
        check_hidden_pages_in_time(relapsed.hidden, WHOLE)


@pytest.mark.parametrize("fault", [TAKEN, WORKED_ON], ids=["acknowledged", "in maintenance"])
def test_a_relapse_a_minute_later_is_a_new_page(relapsed: Told, fault: Fault) -> None:
    check_told(relapsed.after, fault, ["firing", "resolved"] * 2)


def test_sabotage_the_recovery_swallowed_by_a_silence(relapsed: Told) -> None:
    first = next(page for page in relapsed.after if page["status"] == "resolved")
    with turns_red():
        swallowed = [page for page in relapsed.after if page is not first]
        check_told(swallowed, TAKEN, ["firing", "resolved"] * 2)
        check_told(swallowed, WORKED_ON, ["firing", "resolved"] * 2)


def test_a_circuit_does_not_recover_with_the_hub_at_its_end(relapsed: Told) -> None:
    check_no_recovery(relapsed.hidden.before, LEG)
    check_told(relapsed.after, LEG, ["firing", "resolved"])
    check_told(relapsed.after, HUB, ["firing", "resolved"])


def test_sabotage_the_circuit_came_back_with_it(relapsed: Told) -> None:
    with turns_red():
        check_no_recovery(relapsed.after, LEG)


@contextmanager
def running_out(town: Town) -> Iterator[None]:
    """A UPS has some minutes left: two incidents, one of a state, one of Prometheus' rule.

    In the end the mains are back, and somebody was told so.
    """
    assert eventually(town.pages.is_over, LONG_QUIET_SECONDS), town.pages.notifications()
    town.pages.forget()
    since = time.time() - 60 * (FULL_MINUTES - LEFT_MINUTES)
    state = json.dumps({"source": "battery", "since": since})
    try:
        town.province.inside(UPS, "sh", "-c", f"echo '{state}' > /run/ups.json")
        assert eventually(lambda: len(town.of_ups("firing")) == ALERTS, PAGE_SECONDS), town.of_ups()
        yield
    finally:
        town.pages.forget()
        town.province.command("ups", UPS, "mains")
    over = eventually(lambda: len(town.of_ups("resolved")) == ALERTS, RECOVERY_SECONDS)
    assert over, town.of_ups()


def stop_prometheus(town: Town, seconds: float) -> Pages:
    """Stop Prometheus so long, let it go on; return what was told."""
    town.pages.forget()
    town.hatang.tell("prometheus", signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        town.hatang.tell("prometheus", signal.SIGCONT)
    time.sleep(BACK_SECONDS)
    return town.of_ups()


def restart_alertmanager(town: Town, how: signal.Signals, *, forgets: bool = False) -> Pages:
    """End Alertmanager, wait until it knows what is open; return what was told.

    When it `forgets`, its log of notifications is taken away while it is down.
    """
    town.pages.forget()
    hatang = town.hatang
    before = hatang.children["alertmanager"]["pid"]
    hatang.tell("alertmanager", how)
    if forgets:
        (hatang.data_dir / "alertmanager" / "nflog").unlink()

    def is_back() -> bool:
        child = hatang.children["alertmanager"]
        return bool(child["state"] == "ready" and child["pid"] != before)

    assert eventually(is_back, START_SECONDS), hatang.children
    assert eventually(lambda: open_incidents(hatang) == ALERTS, RESENT_SECONDS)
    time.sleep(QUIET_SECONDS)
    return town.of_ups()


def open_incidents(hatang: Installation) -> int:
    """Return how many incidents of the UPS Alertmanager itself knows that somebody is told of."""
    alerts = http(hatang.url("alertmanager", "/api/v2/alerts")).json()
    paging = [alert for alert in alerts if alert["labels"]["severity"] != "info"]
    causes = [alert["annotations"].get("cause_en", "") for alert in paging]
    return sum(cause.startswith(UPS) for cause in causes)


def check_nothing_recovered(pages: Pages) -> None:
    """Nobody was told that something is over."""
    found = told(pages, "resolved")
    hold(not found, f"recoveries of what is still so: {found}")


@pytest.fixture(scope="module")
def disturbed(town: Town) -> dict[str, Pages]:
    """What was told of two open incidents in each disturbance, and when they were over."""
    found = {}
    with running_out(town):
        found["stopped"] = stop_prometheus(town, STOPPED_SECONDS)
        found["killed"] = restart_alertmanager(town, signal.SIGKILL)
        found["forgetful"] = restart_alertmanager(town, signal.SIGKILL, forgets=True)
    found["over"] = town.of_ups()
    return found


@pytest.mark.soak
def test_a_stopped_prometheus_is_no_recovery(disturbed: dict[str, Pages]) -> None:
    check_nothing_recovered(disturbed["stopped"])


@pytest.mark.soak
def test_a_killed_alertmanager_tells_nothing_when_it_is_back(disturbed: dict[str, Pages]) -> None:
    check_silence(disturbed["killed"])


@pytest.mark.soak
def test_sabotage_an_alertmanager_that_forgot_whom_it_told(disturbed: dict[str, Pages]) -> None:
    with turns_red():
        check_silence(disturbed["forgetful"])


@pytest.mark.soak
def test_sabotage_the_mains_are_back(disturbed: dict[str, Pages]) -> None:
    with turns_red():
        check_nothing_recovered(disturbed["over"])


@pytest.mark.soak
def test_neither_ten_minutes_without_prometheus_nor_a_restart_tell_anything(
    town: Town, figures: Callable[[str], None]
) -> None:
    with running_out(town):
        stopped = stop_prometheus(town, LONG_STOPPED_SECONDS)
        restarted = restart_alertmanager(town, signal.SIGTERM)
    words = [f"{page['status']} {what(page)}" for page in stopped]
    figures(f"told while Prometheus was stopped for {LONG_STOPPED_SECONDS:.0f} s: {words}")
    check_nothing_recovered(stopped)
    check_silence(restarted)
