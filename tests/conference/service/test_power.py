"""A point is fed by the UPS at its site, as far as somebody measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from conference.choices import CheckResult
from conference.service.power import Supply, power, read
from inventory.choices import DeviceStatus
from inventory.models import Device
from monitors.choices import Cause, State

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

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


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (DeviceStatus.ACTIVE, ["xa-01"]),
        (DeviceStatus.DECOMMISSIONING, []),
        (DeviceStatus.PLANNED, []),
    ],
)
def test_a_ups_that_is_not_in_use_feeds_nothing(
    province: Database, admin: Actor, status: DeviceStatus, found: list[str]
) -> None:
    with province.write() as session:
        own = update(Device).where(Device.name == "r-01")
        session.execute(own.values(role="ups", status=status))
    with province.read() as session:
        assert list(read(session, admin, ["xa-01"])) == found
