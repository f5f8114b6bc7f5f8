"""Where the simulated switches listen, and how one logs in."""

from __future__ import annotations

from typing import Final

PORT: Final = 18022
USERNAME: Final = "ops"
PASSWORD: Final = "bench-password"


def address(number: int) -> str:
    """Return where a switch listens."""
    return f"127.9.{number // 200}.{number % 200 + 1}"


def name(number: int) -> str:
    """Return what a switch is called."""
    return f"sw-{number:03}"
