"""What the supervisor says about its children, for those who did not start it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_status(data_dir: Path) -> dict[str, Any]:
    """Return what a living supervisor wrote about itself; empty when none runs there."""
    try:
        found: dict[str, Any] = json.loads((data_dir / "run" / "status.json").read_text("utf-8"))
        alive = Path(f"/proc/{found['pid']}").exists()
    except (FileNotFoundError, ValueError, KeyError):
        return {}
    return found if alive else {}
