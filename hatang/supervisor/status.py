"""What the supervisor says about its children, for those who did not start it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatang.supervisor import guard
from hatang.supervisor.child import State

if TYPE_CHECKING:
    import signal


def read_status(data_dir: Path) -> dict[str, Any]:
    """Return what a living supervisor wrote about itself; empty when none runs there."""
    try:
        found: dict[str, Any] = json.loads((data_dir / "run" / "status.json").read_text("utf-8"))
        alive = Path(f"/proc/{found['pid']}").exists()
    except (FileNotFoundError, ValueError, KeyError):
        return {}
    return found if alive else {}


def signal_child(data_dir: Path, name: str, number: signal.Signals) -> bool:
    """Signal the program of a child that is ready; False where there is none to tell.

    The guard around it is left alone: it takes any signal but SIGTERM for its own end.
    """
    child = read_status(data_dir).get("children", {}).get(name, {})
    if child.get("state") != State.READY or not child.get("pid"):
        return False
    found = guard.descendants(int(child["pid"]))
    guard.send(found, number)
    return bool(found)
