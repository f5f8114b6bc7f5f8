"""What the limited process that compares configurations does; it loads little else."""

from __future__ import annotations

import json

import hier_config  # noqa: F401 - loaded before the time of the first comparison begins

from playbooks.remediation import remediation


def compare(given: bytes) -> bytes:
    """Return the remediation of the pair that was given as JSON; a bench's task."""
    pair = json.loads(given)
    found = remediation(
        pair["platform"], pair["running"], pair["intended"], is_whole=pair["is_whole"]
    )
    return json.dumps({"lines": found}).encode()
