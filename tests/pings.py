"""A pinger whom nobody answers: tests send nothing to the addresses of provinces made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.protocols import PingResult
from monitors import echoes

if TYPE_CHECKING:
    from collections.abc import Sequence


class Unheard:
    """Fills the Protocol Pinger; as one that may not ping, it gets no answer and waits for none."""

    def __init__(self, interval_seconds: float = 0.0) -> None:
        self.interval_seconds = interval_seconds

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        return {address: PingResult(address, count, 0, None) for address in addresses}


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echoes, "IcmpPinger", Unheard)
