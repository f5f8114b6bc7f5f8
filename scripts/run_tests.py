"""Runs every stage of `make test`, shows each when it ends, and adds the counts up.

A stage that fails does not stop the others: one run tells everything that is wrong. What was
skipped is told again at the end, by reason and name: a test that did not run proves nothing.

The proofs wait for devices and timers most of the time, so the other stages run beside them, with
what processor time the proofs leave over: their timers must not feel them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The lab starts from the tree, and others use the tools in it; what is timed runs alone.
FIRST = ("tree", "timed")
ON_THE_LAB = ("lab", "acceptance")
WAITING = ("proofs",)
BESIDE = ("fast", "full")
AFTER_THEM = ("format", "lint", "types", "imports", "wheel")  # when the proofs are done
STAGES = (*FIRST, *BESIDE, *WAITING, *AFTER_THEM, *ON_THE_LAB)
YIELDING = ("nice", "-n", "19")
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
SKIPPED = re.compile(r"^SKIPPED (?P<name>.+?) - Skipped: (?P<why>.+)$")
NO_TESTS_COLLECTED = 5
NAMES_SHOWN = 60
SHOWING = threading.Lock()  # what two stages print never mixes


@dataclass
class Outcome:
    """How one stage ended; `reasons` names what was skipped, by reason."""

    stage: str
    seconds: float
    passed: int
    failed: int
    skipped: int
    reasons: dict[str, list[str]] = field(default_factory=dict)


def main() -> int:
    """Run the stages; exit status 0 only when nothing failed and something passed."""
    outcomes = [run(stage) for stage in FIRST]
    with ThreadPoolExecutor() as lanes:
        on_the_lab = lanes.submit(lane, ON_THE_LAB)
        beside = lanes.submit(lane, BESIDE, YIELDING)
        proving = lanes.submit(lambda: [*lane(WAITING), *lane(AFTER_THEM, YIELDING)])
        outcomes += [each for done in (beside, proving, on_the_lab) for each in done.result()]
    print("\n".join(summary(outcomes)))
    passed, failed = (
        sum(getattr(done, name) for done in outcomes) for name in ("passed", "failed")
    )
    return 0 if passed and not failed else 1


def lane(stages: Sequence[str], prefix: Sequence[str] = ()) -> list[Outcome]:
    """Run stages one after another, each behind the words of `prefix`."""
    return [run(stage, prefix) for stage in stages]


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield a line a stage, a line a reason with the names it kept from running, and the sum."""
    for done in outcomes:
        verdict = "failed" if done.failed else "ok" if done.passed else "skipped"
        yield (
            f"{done.stage:<12} {verdict:<7} {done.seconds:6.1f} s  "
            f"{done.passed} passed, {done.failed} failed, {done.skipped} skipped"
        )
    for done in outcomes:
        for why, names in done.reasons.items():
            yield f"{done.stage}: {len(names)} skipped: {why}"
            yield from (f"  {name}" for name in names[:NAMES_SHOWN])
            if len(names) > NAMES_SHOWN:
                yield f"  and {len(names) - NAMES_SHOWN} more, named above"
    sums = (
        sum(getattr(done, name) for done in outcomes) for name in ("passed", "failed", "skipped")
    )
    yield "{} passed, {} failed, {} skipped".format(*sums)


def run(stage: str, prefix: Sequence[str] = ()) -> Outcome:
    """Run one make target, show whole what it printed, and count what its last line says."""
    with SHOWING:
        print(f"-- {stage} begins", flush=True)
    started = time.monotonic()
    options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --no-fold-skipped --durations=25".strip()
    done = subprocess.run(
        [*prefix, "make", "--no-print-directory", stage], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
        env={**os.environ, "PYTEST_ADDOPTS": options},
    )  # fmt: skip
    with SHOWING:
        print(f"== {stage}\n{done.stdout}", end="", flush=True)
    lines = done.stdout.splitlines(keepends=True)
    return outcome(stage, time.monotonic() - started, done.returncode, lines)


def outcome(stage: str, seconds: float, status: int, lines: list[str]) -> Outcome:
    """Return how a stage ended, from its exit status and what it printed."""
    tail = "".join(lines[-8:])
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for number, word in COUNT.findall(tail):
        counts["failed" if word.startswith("error") else word] += int(number)
    if status != 0 and not (counts["failed"] or f"Error {NO_TESTS_COLLECTED}" in tail):
        counts["failed"] = 1
    if status == 0 and not any(counts.values()):
        counts["passed"] = 1
    return Outcome(stage, seconds, **counts, reasons=_reasons(lines))


def _reasons(lines: list[str]) -> dict[str, list[str]]:
    reasons = defaultdict(list)
    for line in lines:
        if found := SKIPPED.match(line):
            reasons[found["why"]].append(found["name"])
    return dict(reasons)


if __name__ == "__main__":
    sys.exit(main())
