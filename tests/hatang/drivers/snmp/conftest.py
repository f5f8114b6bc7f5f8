"""The decoder as a fixture, in both its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import codec, frames
from tests.hatang.drivers.snmp.cores import compiled

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(
    scope="session",
    params=["plain", pytest.param("compiled", marks=pytest.mark.slow)],
)
def core(request: pytest.FixtureRequest) -> ModuleType:
    return codec if request.param == "plain" else compiled()


@pytest.fixture(
    scope="session",
    params=["plain", pytest.param("compiled", marks=pytest.mark.slow)],
)
def loops(request: pytest.FixtureRequest) -> ModuleType:
    """Return the comparing of answers."""
    return frames if request.param == "plain" else compiled(frames)
