"""Drift: how devices are intended to be, how they stand to it, and since when they do not.

Nothing here changes a device: what brings one back is a proposal, and goes through a change set.
"""

from __future__ import annotations

from playbooks.drift.asking import ask, is_underway, run
from playbooks.drift.checking import check
from playbooks.drift.listing import (
    By,
    DeviceDrift,
    DriftRow,
    GroupRow,
    counts,
    list_drifts,
    of_device,
    totals,
)
from playbooks.drift.setting import (
    IntendedDraft,
    IntendedRow,
    list_intended,
    list_names,
    remove_intended,
    set_intended,
)

__all__ = [
    "By",
    "DeviceDrift",
    "DriftRow",
    "GroupRow",
    "IntendedDraft",
    "IntendedRow",
    "ask",
    "check",
    "counts",
    "is_underway",
    "list_drifts",
    "list_intended",
    "list_names",
    "of_device",
    "remove_intended",
    "run",
    "set_intended",
    "totals",
]
