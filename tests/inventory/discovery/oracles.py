"""Where the recorded devices of other projects lie; none of them is part of this project."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = Path(__file__).parents[4] / "shared" / "oracles"


def oracle(name: str) -> Path:
    """Return the oracle's file or folder `name`, or skip the test where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is absent: recorded devices are not part of the project")
    return path
