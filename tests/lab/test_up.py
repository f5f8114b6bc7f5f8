"""A second lab never takes the running one away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lab import state
from lab import up as starting
from lab.errors import LabError
from lab.state import LabState

if TYPE_CHECKING:
    from pathlib import Path


def held_lab(directory: Path) -> None:
    directory.mkdir()
    held = LabState("10.250.0.0/16", 7, "full", "/tree", "htlab0", "10.250.9.250", ready=True)
    state.save(held, directory)


def test_a_lab_with_another_state_directory_is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, mine = tmp_path / "running", tmp_path / "mine"
    held_lab(running)
    (tmp_path / "pointer").write_text(str(running))
    swept: list[Path] = []
    monkeypatch.setattr(state, "POINTER", tmp_path / "pointer")
    monkeypatch.setattr(starting, "TOOLS", ())
    monkeypatch.setattr(starting, "ours", lambda: ["htlab-core-1"])
    monkeypatch.setattr(starting, "sweep", swept.append)

    with pytest.raises(LabError, match=str(running)):
        starting.check(starting.Order("10.251.0.0/16", 1, "full", mine, tmp_path))

    assert swept == []
