"""A point is fed by the UPS at its site, as far as somebody measures it."""

from __future__ import annotations

from typing import Any

import pytest

from conference.choices import CheckResult
from conference.service.power import Supply, power
from monitors.choices import Cause, State

POINT: Any = type("Point", (), {"room": "room-01", "site": "xa-01"})()


def fed(*supplies: Supply) -> tuple[CheckResult, str]:
    (found,) = power([POINT], {"xa-01": supplies})
    return found.result, found.cause


@pytest.mark.parametrize(
    ("state", "cause", "result"),
    [
        (State.GOOD, Cause.ON_MAINS, CheckResult.PASS),
        (State.DEGRADED, Cause.ON_BATTERY, CheckResult.WARN),
        (State.BAD, Cause.BATTERY_LOW, CheckResult.FAIL),
        (State.UNKNOWN, Cause.STALE, CheckResult.UNKNOWN),
    ],
)
def test_what_the_ups_says_decides(state: State, cause: Cause, result: CheckResult) -> None:
    assert fed(Supply("ups-01", state, cause, None))[0] is result


def test_a_site_without_a_ups_passes_nothing() -> None:
    assert fed() == (CheckResult.SKIP, "no UPS is measured there")


def test_of_two_the_worse_is_named() -> None:
    good = Supply("ups-01", State.GOOD, Cause.ON_MAINS, None)
    low = Supply("ups-02", State.BAD, Cause.BATTERY_LOW, None)
    assert fed(good, low) == (CheckResult.FAIL, "UPS ups-02: battery_low")
