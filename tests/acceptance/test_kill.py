"""kill -9 while a story runs loses nothing: the devices' own journals say what happened to them.

The kills are drawn from a printed seed, and a journal of them says in which phase each landed.
"""

from __future__ import annotations

import random
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

SEED = 20250701
LATEST_SECONDS = 3.0
REVERT_SECONDS = 180
END_SECONDS = 240.0
PAGE_SECONDS = 180.0
ROUTERS = ("xa-05", "xa-06")
LEFT_OUT = "xa-07"
HUB = "hub-3"
TEXT = "interface eth2\n description {text}\n"
Journals = dict[str, list[dict[str, Any]]]


@dataclass
class Killer:
    """Ends processes without a word, at seeded moments, and writes down when."""

    hatang: Installation
    draw: random.Random = field(default_factory=lambda: random.Random(SEED))
    journal: list[str] = field(default_factory=list)

    @contextmanager
    def during(self, phase: str, victim: str) -> Iterator[None]:
        """Kill the victim some seeded time after the phase began; it must come back."""
        delay = self.draw.uniform(0, LATEST_SECONDS)
        timer = threading.Timer(delay, self._kill, (phase, victim, delay))
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def _kill(self, phase: str, victim: str, delay: float) -> None:
        self.hatang.tell(victim, signal.SIGKILL)
        self.journal.append(f"{phase}: {victim} after {delay:.2f} s")

    @property
    def phases(self) -> set[str]:
        return {line.partition(":")[0] for line in self.journal}


@dataclass
class Story:
    """A change on routers, through the command, as two people do it."""

    hatang: Installation
    folder: Path
    number: int = 0
    plan: str = ""

    def command(self, *words: str, person: str = "lan") -> Any:
        return self.hatang.json("change", *words, person=person)

    def create(self, text: str) -> None:
        file = self.folder / "change.conf"
        file.write_text(TEXT.format(text=text), encoding="utf-8")
        words = ("--text", f"{','.join(ROUTERS)}={file}", "--revert-seconds", str(REVERT_SECONDS))
        self.number = self.command("create", text, *words)["change"]

    def compute(self) -> None:
        self.plan = self.command("plan", str(self.number))["change"]["plan_sha256"]

    def submit(self) -> None:
        self.command("submit", str(self.number))

    def approve(self) -> None:
        self.command("approve", str(self.number), "--plan", self.plan, person="hoa")

    def execute(self) -> None:
        self.command("execute", str(self.number), "--wait", "0")

    def show(self) -> Any:
        return self.command("show", str(self.number))

    def reached(self, state: str) -> bool:
        return any(target["state"] == state for target in self.show()["targets"])

    def ended(self) -> bool:
        return bool(self.show()["change"]["finished_at"])


def changed(before: Journals, after: Journals) -> dict[str, int]:
    """Return how often each device itself says that its configuration was changed or taken back."""
    return {
        name: sum(bool(entry.get("changed")) for entry in after[name][len(before[name]) :])
        for name in after
    }


def check_changed_once(counts: dict[str, int]) -> None:
    """Each device's own journal knows of exactly one change."""
    wrong = {name: count for name, count in counts.items() if count != 1}
    hold(not wrong, f"by their own journals these changed that often: {wrong}")


def check_nothing_lost(story: Story, hatang: Installation) -> None:
    """The change is done on all devices, every process runs again, the audit chain is whole."""
    shown = story.show()
    states = {target["state"] for target in shown["targets"]}
    good = shown["change"]["state"] == "done" and states == {"confirmed"}
    hold(good, f"the change is {shown['change']['state']}: {told(shown)}")
    ready = eventually(lambda: hatang.hatang("status").status == 0, 60)
    hold(ready, f"not every process came back: {hatang.children}")
    verified = hatang.hatang("audit-log", "verify", person="truc")
    hold(verified.status == 0, verified.out)


def told(shown: Any) -> list[dict[str, Any]]:
    """Return what is known of each device of a change."""
    fields = ("device", "state", "reason", "detail")
    return [{field: target[field] for field in fields} for target in shown["targets"]]


def journals(province: Province) -> Journals:
    return {name: province.journal(name) for name in (*ROUTERS, LEFT_OUT)}


def play(story: Story, killer: Killer, text: str) -> None:
    """Play the change; every phase is given, most have a kill in them."""
    story.create(text)
    with killer.during("planning", "monitor"):
        story.compute()
    story.submit()
    with killer.during("approving", "api"):
        story.approve()
    with killer.during("applying", "worker"):
        story.execute()
        eventually(lambda: story.reached("applying") or story.ended(), 60)
    ended = eventually(story.ended, END_SECONDS)
    hold(ended, f"the change never ended: {story.show()['targets']}")


@pytest.fixture(scope="module")
def played(
    hatang: Installation, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Story, Killer, dict[str, int]]:
    """A story with three kills in it, and what each device's journal then holds."""
    story, killer = Story(hatang, tmp_path_factory.mktemp("change")), Killer(hatang)
    before = journals(province)
    play(story, killer, "killed three times")
    return story, killer, changed(before, journals(province))


def test_killed_processes_lose_nothing(
    played: tuple[Story, Killer, dict[str, int]],
    hatang: Installation,
    figures: Callable[[str], None],
) -> None:
    story, killer, counts = played
    figures(f"seed {SEED}, kills: {'; '.join(killer.journal)}")
    assert len(killer.phases) == 3
    check_nothing_lost(story, hatang)
    check_changed_once({name: counts[name] for name in ROUTERS})


def test_sabotage_a_device_the_change_never_reached(
    played: tuple[Story, Killer, dict[str, int]],
) -> None:
    _, _, counts = played
    with turns_red():
        check_changed_once(counts)


@pytest.mark.soak
def test_ten_kills_in_one_story(
    hatang: Installation,
    province: Province,
    pages: Receiver,
    tmp_path: Path,
    figures: Callable[[str], None],
) -> None:
    story, killer = Story(hatang, tmp_path), Killer(hatang)
    before, already = journals(province), len(pages.notifications())
    play(story, killer, "killed ten times")
    with killer.during("collecting", "worker"):
        hatang.hatang("vault", "collect", "--devices", ",".join(ROUTERS), person="lan").good()
    for victim in ("monitor", "worker", "alertmanager"):
        with killer.during(f"outage, {victim}", victim):
            province.command("break", HUB)
    try:
        paged = eventually(lambda: bool(pages.notifications("firing")[already:]), PAGE_SECONDS)
        hold(paged, "nobody was paged")
    finally:
        for victim in ("worker", "api", "prometheus"):
            with killer.during(f"recovery, {victim}", victim):
                province.command("heal", HUB)
    over = eventually(lambda: bool(pages.naming(HUB, "resolved")), PAGE_SECONDS)
    figures(f"seed {SEED}, kills: {'; '.join(killer.journal)}")
    hold(over, "nobody was told that it is over")
    hold(len(killer.journal) >= 10, f"{len(killer.journal)} kills")
    hold(len(killer.phases) >= 6, f"only in {killer.phases}")
    told = [page["status"] for page in pages.notifications()[already:] if HUB in str(page)]
    hold(told == ["firing", "resolved"], f"told {told}")
    counts = changed(before, journals(province))
    check_changed_once({name: counts[name] for name in ROUTERS})
    check_nothing_lost(story, hatang)
