"""One command shows everything, tells each step, and leaves nothing behind."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.doors import BIN, ROOT, clean_environ, http, run
from tests.acceptance.installation import descendants
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

STEP = re.compile(r"^(pass|FAIL)  \S.*  \(\d+\.\d s\)$")
TOTAL = re.compile(r"^(\d+) passed, (\d+) failed$")
SERVED = "http://127.0.0.1:8080"
STEPS = 15
START_SECONDS = 240.0
STOP_SECONDS = 90.0
WHOLE_SECONDS = 240.0  # promised after the packages are there
TARGETS = ("help", "env", "demo", "test", "check", "soak", "bench", "acceptance")


@dataclass(frozen=True)
class Traces:
    """What of this host a demo could leave changed."""

    seen: dict[str, list[str]]

    @classmethod
    def now(cls) -> Traces:
        commands = {
            "namespaces": ["ip", "netns"],
            "interfaces": ["ip", "-br", "link"],
            "addresses": ["ip", "-br", "address"],
            "routes": ["ip", "route", "show", "table", "all"],
            "rules": ["ip", "rule"],
        }
        seen = {
            name: sorted(run(words).good().out.splitlines()) for name, words in commands.items()
        }
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        seen["mounts"] = sorted(line.split(" ", 3)[3] for line in mounts)
        seen["folders"] = sorted(str(path) for path in Path("/tmp").glob("hatang-demo-*"))
        return cls(seen)


def check_nothing_left(before: Traces, after: Traces, processes: list[int]) -> None:
    """The host is as it was, and no process of the demo lives."""
    for name, was in before.seen.items():
        more = set(after.seen[name]) - set(was)
        hold(not more, f"{name} left behind: {sorted(more)[:5]}")
    alive = [pid for pid in processes if lives(pid)]
    hold(not alive, f"processes left behind: {alive}")


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def check_told(output: str, status: int) -> None:
    """A line a step with its seconds, a total that counts them; exit 0 only if all is well."""
    lines = output.splitlines()
    steps = [line for line in lines if line.startswith(("pass", "FAIL"))]
    unlike = [line for line in steps if not STEP.match(line)]
    hold(not unlike, f"not a step's line: {unlike}")
    totals = [found for found in map(TOTAL.match, lines) if found]
    hold(len(totals) == 1, f"no total in {lines[-3:]}")
    passed, failed = (int(number) for number in totals[0].groups())
    counted = [sum(line.startswith(word) for line in steps) for word in ("pass", "FAIL")]
    hold([passed, failed] == counted, f"{passed}, {failed} told, {counted} seen")
    hold(passed + failed >= STEPS, f"only {passed + failed} steps")
    hold((status == 0) == (failed == 0), f"exit status {status} with {failed} failed")
    hold(failed == 0, "\n".join(line for line in steps if line.startswith("FAIL")))


@dataclass
class Demo:
    """A demo that serves until Ctrl-C."""

    process: subprocess.Popen[str]
    output: Path

    @property
    def told(self) -> str:
        return self.output.read_text()

    def serves(self) -> bool:
        assert self.process.poll() is None, self.told
        return "Ctrl-C stops everything" in self.told and http(f"{SERVED}/healthz").status == 200

    def interrupt(self) -> int:
        """Press Ctrl-C: the terminal tells the whole foreground group, here its leader."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


def start(output: Path, *words: str) -> Demo:
    with output.open("w") as out:
        process = subprocess.Popen(
            [str(BIN / "hatang-lab"), "demo", *words], stdout=out, stderr=subprocess.STDOUT,
            text=True, env=clean_environ(), start_new_session=True,
        )  # fmt: skip
    return Demo(process, output)


@pytest.fixture
def before() -> Traces:
    return Traces.now()


def serve_and_stop(output: Path, *words: str) -> list[int]:
    """Start the demo, see it serve, press Ctrl-C; return the processes it had."""
    demo = start(output, *words)
    try:
        served = eventually(demo.serves, START_SECONDS)
        hold(served, f"nothing serves: {demo.told[-2000:]}")
        processes = descendants(demo.process.pid)
        words_ = re.findall(r"log in as admin with (\S+)", demo.told)
        hold(len(words_) == 1, f"the first password is told {len(words_)} times")
        status = demo.interrupt()
        hold(status == 0, f"Ctrl-C ends with {status}: {demo.told[-1000:]}")
        return [demo.process.pid, *processes]
    finally:
        demo.process.kill()
        demo.process.wait()


def test_the_demo_serves_until_interrupted_and_leaves_nothing(
    before: Traces, province: Province, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    started = time.monotonic()
    processes = serve_and_stop(tmp_path / "demo.log", "--state", str(province.state))
    figures(f"demo on the running lab, started and stopped in {time.monotonic() - started:.0f} s")
    assert len(processes) > 5
    check_nothing_left(before, Traces.now(), processes)


def test_sabotage_a_process_and_a_folder_survive(before: Traces, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as survivor:
        with turns_red():
            check_nothing_left(before, Traces.now(), [survivor.pid])
        survivor.kill()
    folder = Path("/tmp/hatang-demo-left-behind")
    folder.mkdir()
    try:
        with turns_red():
            check_nothing_left(before, Traces.now(), [])
    finally:
        folder.rmdir()


def test_every_promised_target_exists() -> None:
    told = run(["make", "-C", str(ROOT), "help"]).good().out
    named = {line.split()[0] for line in told.splitlines() if line.startswith("  ")}
    assert set(TARGETS) <= named


def test_sabotage_a_story_with_a_failed_step_that_exits_well() -> None:
    steps = [f"pass  step {number}  seen  ({number}.0 s)" for number in range(STEPS)]
    check_told("\n".join([*steps, f"{STEPS} passed, 0 failed"]), 0)
    failed = ["FAIL  the last  not seen  (1.0 s)", f"{STEPS} passed, 1 failed"]
    with turns_red():
        check_told("\n".join([*steps, *failed]), 0)
    with turns_red():
        check_told("\n".join([*steps, f"{STEPS + 1} passed, 0 failed"]), 0)


@pytest.mark.soak
def test_the_whole_story_passes(
    province: Province, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    started = time.monotonic()
    demo = start(tmp_path / "demo.log", "--once", "--state", str(province.state))
    status = demo.process.wait(600)
    seconds = time.monotonic() - started
    figures(f"demo --once on a running lab: {seconds:.0f} s, {demo.told.splitlines()[-1]}")
    check_told(demo.told, status)
    hold(seconds < WHOLE_SECONDS, f"the story took {seconds:.0f} s")


@pytest.mark.soak
def test_a_fresh_clone_shows_the_story_once(tmp_path: Path, figures: Callable[[str], None]) -> None:
    if run(["ip", "netns"]).out:
        pytest.skip("another lab is up on this machine")
    traces = Traces.now()
    clone = tmp_path / "clone"
    run(["git", "clone", "--quiet", str(ROOT), str(clone)]).good()
    run(["make", "-C", str(clone), "env"], clean_environ(), 1800).good()
    started = time.monotonic()
    answer = run(["make", "-C", str(clone), "demo", "ONCE=1"], clean_environ(), 1200)
    seconds = time.monotonic() - started
    figures(f"make demo ONCE=1 in a fresh clone, packages there: {seconds:.0f} s")
    check_told(answer.out, answer.status)
    hold(seconds < WHOLE_SECONDS, f"the story took {seconds:.0f} s")
    check_nothing_left(traces, Traces.now(), [])
