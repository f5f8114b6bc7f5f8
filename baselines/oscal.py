"""Findings as OSCAL assessment results (NIST, 1.1.2): the same findings give the same bytes.

OSCAL knows satisfied and not-satisfied only. A pass is satisfied; a failure is not, under a waiver
neither. What could not be judged is an observation without a finding, so that it counts as neither;
each observation carries hatang's own verdict as a property.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from baselines.service.found import FindingRow

VERSION: Final = "1.1.2"
# Names of this tree of UUIDs are given by hatang alone (RFC 4122, version 5).
NAMESPACE: Final = uuid.UUID("6f5a2c0e-8d0b-5d63-9a8e-2b1b1f7c4d10")
PROPERTIES: Final = "https://hatang.invalid/ns/oscal"
_STATES: Final = {
    Verdict.PASS: ("satisfied", "pass"),
    Verdict.FAIL: ("not-satisfied", "fail"),
    Verdict.WAIVED: ("not-satisfied", "other"),
}
_NOTE: Final = (
    "OSCAL knows satisfied and not-satisfied only. Observations without a finding could not be "
    "judged or do not apply; the property `verdict` says which. A rule supports a clause of a "
    "framework and never says that a device conforms to it."
)


def results(
    rows: Sequence[FindingRow], titles: dict[str, str], title: str, at: datetime
) -> dict[str, Any]:
    """Return the assessment results of `rows` as they stood at `at`; `titles` are of the rules."""
    plan = _id("plan", title)
    observations = [_observation(row, titles) for row in rows]
    found = [_finding(row, titles) for row in rows if Verdict(row.verdict) in _STATES]
    devices = sorted({row.device for row in rows})
    result: dict[str, Any] = {
        "uuid": _id("result", title, at.isoformat()),
        "title": title,
        "description": _NOTE,
        "start": min((row.finished_at for row in rows), default=at).isoformat(),
        "end": at.isoformat(),
        "reviewed-controls": {"control-selections": [{"include-all": {}}]},
    }
    if devices:
        result["local-definitions"] = {"components": [_component(name) for name in devices]}
        result["observations"] = observations
    if found:
        result["findings"] = found
    note = {"uuid": plan, "title": "No assessment plan", "description": _NOTE}
    return {
        "assessment-results": {
            "uuid": _id("results", title, at.isoformat()),
            "metadata": {
                "title": title,
                "last-modified": at.isoformat(),
                "version": at.date().isoformat(),
                "oscal-version": VERSION,
            },
            "import-ap": {"href": f"#{plan}"},
            "results": [result],
            "back-matter": {"resources": [note]},
        }
    }


def _component(name: str) -> dict[str, Any]:
    return {
        "uuid": _id("device", name),
        "type": "hardware",
        "title": name,
        "description": f"Device {name}",
        "status": {"state": "operational"},
    }


def _observation(row: FindingRow, titles: dict[str, str]) -> dict[str, Any]:
    evidence = row.evidence
    lines = ", ".join(str(number) for number in evidence.get("lines", ())) or "none"
    digest = evidence.get("sha256", "")
    return {
        "uuid": _id("observation", row.device, row.rule_id, str(row.run_id)),
        "title": f"{row.rule_id} on {row.device}",
        "description": titles.get(row.rule_id) or row.rule_id,
        "props": [
            _property("verdict", row.verdict),
            _property("reason", row.reason),
            _property("severity", row.severity),
            _property("pack-sha256", row.pack_sha256),
            _property("engine", row.engine),
        ],
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": _id("device", row.device), "type": "component"}],
        "collected": evidence.get("collected_at") or row.finished_at.isoformat(),
        "relevant-evidence": [
            {"description": f"Lines {lines} of the text with SHA-256 {digest}"},
        ],
    }


def _finding(row: FindingRow, titles: dict[str, str]) -> dict[str, Any]:
    state, reason = _STATES[Verdict(row.verdict)]
    return {
        "uuid": _id("finding", row.device, row.rule_id, str(row.run_id)),
        "title": f"{row.rule_id} on {row.device}",
        "description": titles.get(row.rule_id) or row.rule_id,
        "target": {
            "type": "objective-id",
            "target-id": row.rule_id,
            "status": {"state": state, "reason": reason},
        },
        "related-observations": [
            {"observation-uuid": _id("observation", row.device, row.rule_id, str(row.run_id))}
        ],
    }


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": PROPERTIES, "value": value.strip() or "none"}


def _id(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\n".join(parts)))
