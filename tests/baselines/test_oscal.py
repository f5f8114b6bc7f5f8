"""OSCAL says satisfied only of a pass; what could not be judged is no finding at all."""

from __future__ import annotations

from datetime import UTC, datetime

from baselines.oscal import results
from baselines.service import FindingRow

AT = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


def row(rule: str, verdict: str) -> FindingRow:
    evidence = {"sha256": "0" * 64, "lines": [3], "collected_at": AT.isoformat()}
    own = ("r1", rule, 1, "high", verdict, "tested", evidence)
    return FindingRow(7, *own, "core/2026.2", "1" * 64, "hatang 1", 1.0, AT)


def written(*rows: FindingRow) -> dict[str, object]:
    found: dict[str, object] = results(rows, {}, "Audit", AT)["assessment-results"]["results"][0]
    return found


def test_states_are_of_judged_findings_only() -> None:
    rows = [row("A-01", "pass"), row("A-02", "fail"), row("A-03", "waived"), row("A-04", "unknown")]
    found = written(*rows)
    states = [one["target"]["status"] for one in found["findings"]]  # type: ignore[attr-defined]
    assert states == [
        {"state": "satisfied", "reason": "pass"},
        {"state": "not-satisfied", "reason": "fail"},
        {"state": "not-satisfied", "reason": "other"},
    ]
    assert len(found["observations"]) == len(rows)  # type: ignore[arg-type]


def test_the_same_findings_give_the_same_identifiers() -> None:
    assert written(row("A-01", "pass")) == written(row("A-01", "pass"))


def test_nothing_audited_has_neither_findings_nor_observations() -> None:
    assert not {"findings", "observations"} & set(written())
