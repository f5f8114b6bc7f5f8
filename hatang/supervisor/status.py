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

    The guard around it, and a shell around the program, are left alone: the signal would end them.
    """
    child = read_status(data_dir).get("children", {}).get(name, {})
    if child.get("state") != State.READY or not child.get("pid"):
        return False
    found = [each for each in guard.descendants(int(child["pid"])) if not guard.children(each)]
    guard.send(found, number)
    return bool(found)
