"""Runs every stage of `make test`, shows each as it goes, and adds the counts up.

A stage that fails does not stop the others: one run tells everything that is wrong.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass

STAGES = (
    *("format", "lint", "types", "imports", "tree"),
    *("fast", "full", "lab", "acceptance", "wheel"),
)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
NO_TESTS_COLLECTED = 5


@dataclass
class Outcome:
    """How one stage ended."""

    stage: str
    seconds: float
    passed: int
    failed: int
    skipped: int


def main() -> int:
    """Run the stages; exit status 0 only when nothing failed and something passed."""
    outcomes = [run(stage) for stage in STAGES]
    for done in outcomes:
        verdict = "failed" if done.failed else "ok"
        print(
            f"{done.stage:<12} {verdict:<7} {done.seconds:6.1f} s  "
            f"{done.passed} passed, {done.failed} failed, {done.skipped} skipped"
        )
    passed, failed, skipped = (
        sum(getattr(done, field) for done in outcomes) for field in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if passed and not failed else 1


def run(stage: str) -> Outcome:
    """Run one make target and count what its last line says."""
    print(f"== {stage}", flush=True)
    started = time.monotonic()
    command = ["make", "--no-print-directory", stage]
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as p:
        assert p.stdout is not None
        for line in p.stdout:
            sys.stdout.write(line)
            lines.append(line)
    return _outcome(stage, time.monotonic() - started, p.returncode, "".join(lines[-8:]))


def _outcome(stage: str, seconds: float, status: int, tail: str) -> Outcome:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for number, word in COUNT.findall(tail):
        counts["failed" if word.startswith("error") else word] += int(number)
    if status != 0 and not (counts["failed"] or f"Error {NO_TESTS_COLLECTED}" in tail):
        counts["failed"] = 1
    if status == 0 and not any(counts.values()):
        counts["passed"] = 1
    return Outcome(stage, seconds, counts["passed"], counts["failed"], counts["skipped"])


if __name__ == "__main__":
    sys.exit(main())
