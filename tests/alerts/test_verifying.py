from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from alerts.graph import Health
from alerts.verifying import MonitorVerifier
from hatang import clock
from hatang.errors import NotFoundError, UnavailableError
from monitors.choices import Cause, State
from monitors.client import KnownState

if TYPE_CHECKING:
    from monitors.elements import Element


class Pretended:
    """Answers good, bad or unknown by the key, never for `slow`, and with an error for `gone`."""

    async def verify(self, element: Element) -> KnownState:
        if element.owner == "slow":
            await asyncio.Event().wait()
        if element.owner == "gone":
            raise NotFoundError("no monitor watches it")
        at = clock.now()
        return KnownState(element, State(element.owner), Cause.TIMEOUT, at, at, {}, None)


def test_each_look_says_what_it_showed() -> None:
    seen = MonitorVerifier(Pretended()).verify({"device:good", "device:bad", "device:unknown"})
    assert seen == {
        "device:good": Health.GOOD,
        "device:bad": Health.BAD,
        "device:unknown": Health.UNKNOWN,
    }


@pytest.mark.parametrize("absent", ["device:slow", "device:gone", "nonsense", "link:7"])
def test_what_cannot_be_looked_at_in_time_is_absent_and_spoils_nothing(absent: str) -> None:
    seen = MonitorVerifier(Pretended(), seconds=0.05).verify({absent, "device:good"})
    assert seen == {"device:good": Health.GOOD}


def test_no_look_at_all_means_that_the_monitors_are_gone() -> None:
    with pytest.raises(UnavailableError):
        MonitorVerifier(Pretended(), seconds=0.05).verify({"device:slow"})


def test_nothing_to_look_at_is_no_error() -> None:
    assert MonitorVerifier(Pretended()).verify(()) == {}
