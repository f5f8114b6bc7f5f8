"""What every test of signing in has."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _cheap(cheap_hashes: None) -> None:
    """Hash at the cheapest."""
