"""The configuration vault: the full text encrypted, a redacted view for reading and comparing."""

from __future__ import annotations

from playbooks.vault.collection import (
    OVER_SHA1,
    ClockReading,
    Collected,
    Collection,
    as_running,
    collect,
    collect_many,
)
from playbooks.vault.readying import Ready, ready
from playbooks.vault.store import (
    VersionRow,
    before,
    compared,
    difference,
    latest,
    list_versions,
    read,
    read_for_judge,
    read_raw,
    sealed_address,
    semantic_difference,
    store,
)

__all__ = [
    "OVER_SHA1",
    "ClockReading",
    "Collected",
    "Collection",
    "Ready",
    "VersionRow",
    "as_running",
    "before",
    "collect",
    "collect_many",
    "compared",
    "difference",
    "latest",
    "list_versions",
    "read",
    "read_for_judge",
    "read_raw",
    "ready",
    "sealed_address",
    "semantic_difference",
    "store",
]
