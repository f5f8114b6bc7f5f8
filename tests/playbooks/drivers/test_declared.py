"""What drivers declare is what planning relies on."""

from __future__ import annotations

import pytest

from inventory import platforms
from inventory.choices import Safety
from playbooks.drivers.declared import DECLARED

WITH_DRIVER = [one for one in platforms.worked_on() if one.drivers.napalm is not None]


@pytest.mark.parametrize("platform", WITH_DRIVER, ids=lambda one: one.name)
def test_a_platform_promises_the_way_back_its_driver_declares(
    platform: platforms.Platform,
) -> None:
    assert platform.drivers.napalm is not None
    assert platform.safety is DECLARED[platform.drivers.napalm].confirm


def test_a_platform_without_driver_promises_nothing() -> None:
    without = [one for one in platforms.worked_on() if one.drivers.napalm is None]
    assert {one.safety for one in without} == {Safety.NONE}


def test_a_boot_is_declared_disruptive() -> None:
    boots = {name for name, one in DECLARED.items() if one.confirm is Safety.RELOAD}
    assert all(DECLARED[name].disruptive for name in boots)
