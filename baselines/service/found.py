"""A finding as lists show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding with the device it is about, and who reviewed it last as it stands.

    `sha256` is of what it says and of the lines that prove it.
    """

    run_id: int
    device: str
    rule_id: str
    rule_version: int
    severity: str
    verdict: str
    reason: str
    evidence: dict[str, Any]
    pack: str
    pack_sha256: str
    engine: str
    coverage: float | None
    finished_at: datetime
    sha256: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
