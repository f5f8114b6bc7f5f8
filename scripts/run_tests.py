"""Runs every stage of `make test`, shows each as it goes, and adds the counts up.

A stage that fails does not stop the others: one run tells everything that is wrong. What was
skipped is told again at the end, by reason and name: a test that did not run proves nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGES = (
    *("format", "lint", "types", "imports", "tree"),
    *("fast", "full", "proofs", "lab", "acceptance", "wheel"),
)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
SKIPPED = re.compile(r"^SKIPPED (?P<name>.+?) - Skipped: (?P<why>.+)$")
NO_TESTS_COLLECTED = 5
NAMES_SHOWN = 60


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
    outcomes = [run(stage) for stage in STAGES]
    print("\n".join(summary(outcomes)))
    passed, failed = (
        sum(getattr(done, name) for done in outcomes) for name in ("passed", "failed")
    )
    return 0 if passed and not failed else 1


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


def run(stage: str) -> Outcome:
    """Run one make target and count what its last line says."""
    print(f"== {stage}", flush=True)
    started = time.monotonic()
    command = ["make", "--no-print-directory", stage]
    options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --no-fold-skipped".strip()
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTEST_ADDOPTS": options},
    ) as p:  # fmt: skip
        assert p.stdout is not None
        for line in p.stdout:
            sys.stdout.write(line)
            lines.append(line)
    return outcome(stage, time.monotonic() - started, p.returncode, lines)


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
