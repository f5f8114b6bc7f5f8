"""How an audit of hatang itself is shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from api.self_report import proof
from cli.output import say, show_rows
from hatang.gates import Verdict

if TYPE_CHECKING:
    from baselines.itself import SelfReport


def show_self(found: SelfReport) -> None:
    """Show what was found, the worst first, and the sum of it."""
    rows = [asdict(one) for one in found.findings]
    show_rows(rows, "part", "rule_id", "severity", "verdict", "reason", "excerpt")
    passed, failed = found.verdicts[Verdict.PASS], found.verdicts[Verdict.FAIL]
    unknown = found.verdicts[Verdict.UNKNOWN]
    say(f"{passed} pass, {failed} fail, {unknown} unknown; result sha256 {found.result_sha256}")
    for name, value in proof():
        say(f"{name}: {value}")
