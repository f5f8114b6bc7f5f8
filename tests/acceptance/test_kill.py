"""kill -9 while a story runs loses nothing: the devices' own journals say what happened to them.

The kills are drawn from a printed seed, and a journal of them says in which phase each landed.
"""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.changes import APPROVER, REQUESTER, Change, changed, journals, told
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

SEED = 20250701
LATEST_SECONDS = 3.0  # of an outage, after the cut
IN_A_PUSH_SECONDS = 1.0  # after the first device is being changed
IN_A_COMMAND_SECONDS = 0.02  # after it opened the database: it has done its work in a blink
IN_A_TALK_SECONDS = 0.3  # after it opened the database, for one that then asks devices
WORK_SECONDS = 30.0
LOOK_SECONDS = 0.001
REVERT_SECONDS = 180
END_SECONDS = 240.0
PAGE_SECONDS = 180.0
ROUTERS = ("xa-05", "xa-06")
LEFT_OUT = "xa-07"
HUB = "hub-3"
TEXT = "interface eth2\n description {text}\n"


@dataclass
class Killer:
    """Ends processes without a word, at seeded moments, and writes down what they were doing."""

    hatang: Installation
    draw: random.Random = field(default_factory=lambda: random.Random(SEED))
    journal: list[str] = field(default_factory=list)

    @contextmanager
    def during(self, phase: str, victim: str, latest: float = LATEST_SECONDS) -> Iterator[None]:
        """Kill a role some seeded time after the phase began; it must come back."""
        delay = self.draw.uniform(0, latest)
        timer = threading.Timer(delay, self._kill, (phase, victim, delay))
        timer.start()
        try:
            yield
        finally:
            timer.join()

    def _kill(self, phase: str, victim: str, delay: float) -> None:
        self.hatang.tell(victim, signal.SIGKILL)
        self.journal.append(f"{phase}: {victim} after {delay:.2f} s")

    def command(self, phase: str, latest: float, *words: str, person: str = REQUESTER) -> None:
        """Start a command, which does the work itself, and kill it once it is at the database."""
        delay = self.draw.uniform(0, latest)
        line = self.hatang.command_line(*words, person=person)
        with subprocess.Popen(
            line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.hatang.environ
        ) as process:
            deadline = time.monotonic() + WORK_SECONDS
            while not has_open(process.pid, ".sqlite3"):
                assert process.poll() is None, f"{words} ended by itself"
                assert time.monotonic() < deadline, f"{words} never came to the database"
                time.sleep(LOOK_SECONDS)
            time.sleep(delay)
            process.kill()
        assert process.returncode == -signal.SIGKILL, f"{words} had ended before it was killed"
        self.journal.append(f"{phase}: the command after {delay * 1000:.0f} ms at its work")

    @property
    def phases(self) -> set[str]:
        return {line.partition(":")[0] for line in self.journal}


def has_open(pid: int, ending: str) -> bool:
    """Return whether a process holds a file with that ending open."""
    with suppress(OSError):
        found = [one.readlink() for one in Path(f"/proc/{pid}/fd").iterdir()]
        return any(str(path).endswith(ending) for path in found)
    return False


def check_changed_once(counts: dict[str, int]) -> None:
    """Each device's own journal knows of exactly one change."""
    wrong = {name: count for name, count in counts.items() if count != 1}
    hold(not wrong, f"by their own journals these changed that often: {wrong}")


def check_nothing_lost(story: Change, hatang: Installation) -> None:
    """The change is done on all devices, every process runs again, the audit chain is whole."""
    shown = story.show()
    states = {target["state"] for target in shown["targets"]}
    good = shown["change"]["state"] == "done" and states == {"confirmed"}
    hold(good, f"the change is {shown['change']['state']}: {told(shown)}")
    hold(shown["change"]["approver"] == APPROVER, f"approved by {shown['change']['approver']}")
    ready = eventually(lambda: hatang.hatang("status").status == 0, 60)
    hold(ready, f"not every process came back: {hatang.children}")
    verified = hatang.hatang("audit-log", "verify", person="truc")
    hold(verified.status == 0, verified.out)


def play(story: Change, killer: Killer, text: str) -> None:
    """Play the change; in each phase who does its work is killed, and a person goes on."""
    story.create(text, {",".join(ROUTERS): TEXT.format(text=text)})
    number = str(story.number)
    killer.command("planning", IN_A_TALK_SECONDS, "change", "plan", number)
    story.compute()
    story.submit()
    words = ("change", "approve", number, "--plan", story.plan)
    killer.command("approving", IN_A_COMMAND_SECONDS, *words, person=APPROVER)
    if story.state() != "approved":
        story.approve().good()
    story.execute()
    began = eventually(lambda: story.is_in("applying") or story.ended(), WORK_SECONDS)
    hold(began and not story.ended(), f"nobody was seen pushing: {told(story.show())}")
    with killer.during("applying", "worker", IN_A_PUSH_SECONDS):
        pass
    ended = eventually(story.ended, END_SECONDS)
    hold(ended, f"the change never ended: {told(story.show())}")


@pytest.fixture(scope="module")
def played(
    hatang: Installation, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Change, Killer, dict[str, int]]:
    """A story with three kills in it, and what each device's journal then holds."""
    story = Change(hatang, tmp_path_factory.mktemp("change"), REVERT_SECONDS)
    killer, names = Killer(hatang), (*ROUTERS, LEFT_OUT)
    before = journals(province, names)
    play(story, killer, "killed three times")
    return story, killer, changed(before, journals(province, names))


def test_killed_processes_lose_nothing(
    played: tuple[Change, Killer, dict[str, int]],
    hatang: Installation,
    figures: Callable[[str], None],
) -> None:
    story, killer, counts = played
    figures(f"seed {SEED}, kills: {'; '.join(killer.journal)}")
    assert len(killer.phases) == 3
    check_nothing_lost(story, hatang)
    check_changed_once({name: counts[name] for name in ROUTERS})


def test_sabotage_a_device_the_change_never_reached(
    played: tuple[Change, Killer, dict[str, int]],
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
    story, killer = Change(hatang, tmp_path, REVERT_SECONDS), Killer(hatang)
    before, already = journals(province, ROUTERS), len(pages.notifications())
    play(story, killer, "killed ten times")
    collect = ("vault", "collect", "--devices", ",".join(ROUTERS))
    killer.command("collecting", IN_A_TALK_SECONDS, *collect)
    hatang.hatang(*collect, person=REQUESTER).good()
    # The monitor measures, the worker correlates, Alertmanager tells.
    for victim in ("monitor", "worker", "alertmanager"):
        with killer.during("outage", victim):
            province.command("break", HUB)
    try:
        paged = eventually(lambda: bool(pages.notifications("firing")[already:]), PAGE_SECONDS)
        hold(paged, "nobody was paged")
    finally:
        # The worker correlates, the api takes what Prometheus' rules say.
        for victim in ("worker", "api", "prometheus"):
            with killer.during("recovery", victim):
                province.command("heal", HUB)
    over = eventually(lambda: bool(pages.naming(HUB, "resolved")), PAGE_SECONDS)
    figures(f"seed {SEED}, kills: {'; '.join(killer.journal)}")
    hold(over, "nobody was told that it is over")
    hold(len(killer.journal) >= 10, f"{len(killer.journal)} kills")
    hold(len(killer.phases) >= 6, f"only in {killer.phases}")
    told = [page["status"] for page in pages.notifications()[already:] if HUB in str(page)]
    hold(told == ["firing", "resolved"], f"told {told}")
    counts = changed(before, journals(province, ROUTERS))
    check_changed_once(counts)
    check_nothing_lost(story, hatang)
