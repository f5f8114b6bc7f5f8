"""One audit of hatang itself as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baselines.service.reading import ratio
from hatang.gates import Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from baselines.models import SelfAudit


@dataclass(frozen=True, slots=True)
class SelfFinding:
    """What one rule said of the `part`, `host` or `hatang`, with the lines that prove it."""

    part: str
    rule_id: str
    rule_version: int
    severity: str
    verdict: str
    reason: str
    lines: tuple[int, ...]
    excerpt: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class SelfReport:
    """The newest audit of hatang itself; `sha256` by part is of the redacted text judged.

    `packs` are the hashes of the packs by name. `ratio` is passes among passes and failures, None
    when there is neither; `verdicts` counts all.
    """

    id: int
    finished_at: datetime
    engine: str
    packs: dict[str, str]
    sha256: dict[str, str]
    result_sha256: str
    ratio: float | None
    verdicts: dict[str, int]
    findings: tuple[SelfFinding, ...]


def report_of(row: SelfAudit) -> SelfReport:
    """Return what was kept, added up."""
    findings = tuple(_finding(one) for one in row.findings)
    counts = {
        verdict.value: sum(1 for one in findings if one.verdict == verdict) for verdict in Verdict
    }
    return SelfReport(
        row.id,
        row.finished_at,
        row.engine,
        dict(row.packs),
        dict(row.sha256),
        row.result_sha256,
        ratio(counts[Verdict.PASS], counts[Verdict.FAIL]),
        counts,
        findings,
    )


def _finding(told: dict[str, Any]) -> SelfFinding:
    lines = tuple(told["lines"])
    shown = tuple((number, text) for number, text in told["excerpt"])
    return SelfFinding(**(told | {"lines": lines, "excerpt": shown}))
