"""Faults of the lab, broken and healed in a drawn order, and what the receivers were told."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.acceptance.red import eventually, hold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

PAGE_SECONDS = 120.0
RECOVERY_SECONDS = 180.0
MIDDLE_SECONDS = 12.0  # a page takes about as long, so a kill lands anywhere on the way to it
WRITTEN_SECONDS = 2.0
Pages = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """One thing that breaks; `kind` and `name` are what a page calls it.

    While `hidden_by` is broken too, nobody can tell that this one is.
    """

    kind: str
    name: str
    breaking: tuple[str, ...]
    healing: tuple[str, ...]
    hidden_by: str = ""

    @property
    def told_as(self) -> str:
        return f"{self.kind} {self.name}"


def node(name: str, hidden_by: str = "") -> Fault:
    """Return the loss of a router, with everything behind it."""
    return Fault("device", name, ("break", name), ("heal", name), hidden_by)


def leg(circuit: str, hidden_by: str = "") -> Fault:
    """Return the loss of one of two circuits of a hub: what it carries still works."""
    return Fault("link", circuit, ("break", circuit), ("heal", circuit), hidden_by)


def last_mile(circuit: str, commune: str) -> Fault:
    """Return the loss of a commune's only circuit: seen from here, its router is gone."""
    return Fault("device", commune, ("break", circuit), ("heal", circuit))


def battery(hub: str) -> Fault:
    """Return a loss of mains at a hub."""
    return Fault("ups", f"ups-{hub}", ("ups", hub, "battery"), ("ups", hub, "mains"))


def what(page: dict[str, Any]) -> str:
    """Return what a notification is about: kind and name of the cause, else its alert's name."""
    known = page["commonAnnotations"]
    kind = known.get("element", "").partition(":")[0]
    if not kind:
        return str(page["commonLabels"].get("alertname") or page["groupLabels"])
    return f"{kind} {known['cause_en'].split()[0]}"


def numbered(page: dict[str, Any]) -> str:
    """Return the incident's number and what was told of it: one told twice has one number."""
    return f"{page['commonLabels'].get('incident')} {page['status']} {what(page)}"


def told(pages: Pages, status: str) -> Counter[str]:
    """Return how often something was told of each cause, as it was called in the end."""
    last = {page["groupKey"]: what(page) for page in pages}
    return Counter(last[page["groupKey"]] for page in pages if page["status"] == status)


def check_each_fault_once(pages: Pages, faults: Sequence[Fault], seed: int) -> None:
    """For each fault exactly one page and one recovery; of nothing else a word."""
    expected = Counter(fault.told_as for fault in faults)
    for status, name in (("firing", "pages"), ("resolved", "recoveries")):
        found = told(pages, status)
        missed, extra = expected - found, found - expected
        hold(
            not missed and not extra,
            f"seed {seed}: {name} missed: {dict(missed)}, too many: {dict(extra)}; "
            f"of incidents {[numbered(page) for page in pages if what(page) in extra]}",
        )


def seed_of_run() -> int:
    """Return the seed to replay, or a fresh one."""
    return int(os.environ.get("HATANG_TEST_SEED") or random.SystemRandom().randrange(2**31))


@dataclass
class Storm:
    """Breaks and heals `faults` in orders drawn from `seed`; some process dies in the middle."""

    province: Province
    hatang: Installation
    pages: Receiver
    faults: Sequence[Fault]
    seed: int
    journal: list[str] = field(default_factory=list)
    broken: list[Fault] = field(default_factory=list)
    broken_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.breaks, self.heals = self._orders()

    def _orders(self) -> tuple[list[Fault], list[Fault]]:
        """Draw orders in which each fault shows at some time, and that differ."""
        while True:
            breaks, heals = (self.draw.sample(self.faults, len(self.faults)) for _ in range(2))
            if breaks != heals and all(_shows(each, breaks, heals) for each in self.faults):
                return breaks, heals

    def is_hidden(self, fault: Fault) -> bool:
        return fault.hidden_by in {each.name for each in self.broken}

    def break_(self, fault: Fault) -> None:
        self.journal.append(f"break {fault.name}")
        self.broken.append(fault)
        self.broken_at[fault.name] = time.monotonic()
        self.province.command(*fault.breaking)

    def heal(self, fault: Fault) -> None:
        self.journal.append(f"heal {fault.name}")
        self.province.command(*fault.healing)
        self.broken.remove(fault)

    def heal_all(self) -> None:
        """Leave the province whole, whatever happened."""
        for fault in [*self.broken]:
            self.heal(fault)

    @contextmanager
    def killing(self, victim: str) -> Iterator[None]:
        """Kill a process without a word some drawn time after the block began."""
        delay = self.draw.uniform(0, MIDDLE_SECONDS)
        timer = threading.Timer(delay, self._kill, (victim, delay))
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def _kill(self, victim: str, delay: float) -> None:
        if victim == "alertmanager":
            # What it told in its last second it may tell again: its log is written once a second.
            eventually(lambda: self.pages.idle_seconds() > WRITTEN_SECONDS, MIDDLE_SECONDS)
        self.hatang.tell(victim, signal.SIGKILL)
        self.journal.append(f"kill -9 {victim} after {delay:.1f} s")

    def await_pages(self) -> None:
        """Wait until of everything that is broken and shows somebody was told."""
        shown = [each for each in self.broken if not self.is_hidden(each)]
        self._await("firing", shown, PAGE_SECONDS)

    def await_recovery(self, *faults: Fault) -> None:
        """Wait until somebody was told that these are over."""
        self._await("resolved", faults, RECOVERY_SECONDS)

    def _await(self, status: str, faults: Sequence[Fault], seconds: float) -> None:
        def missing() -> set[str]:
            found = told(self.pages.notifications(), status)
            return {each.told_as for each in faults} - found.keys()

        reached = eventually(lambda: not missing(), seconds)
        played = "; ".join(self.journal)
        hold(
            reached,
            f"seed {self.seed}: not told {status} in {seconds:.0f} s: {missing()}: {played}",
        )


def _shows(fault: Fault, breaks: Sequence[Fault], heals: Sequence[Fault]) -> bool:
    hiding = [each for each in breaks if each.name == fault.hidden_by]
    return not hiding or (
        breaks.index(fault) < breaks.index(hiding[0]) or heals.index(fault) > heals.index(hiding[0])
    )
