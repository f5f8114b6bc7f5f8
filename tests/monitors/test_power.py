"""Which UPS ran on battery when a device went dark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.auth import Actor
from inventory import service as inventory
from inventory.models import Device
from monitors.models import ElementRow, TransitionRow
from monitors.power import BatteryHints

if TYPE_CHECKING:
    from hatang.db import Database

INVENTORY = """\
version: 1
units: [{code: tinh, name: "Tỉnh", kind: province, parent: null}]
sites:
  - {slug: hub, name: "Trạm", unit: tinh, kind: hub}
  - {slug: xa, name: "Xã", unit: tinh, kind: commune}
devices:
  - {name: r-hub, site: hub, role: hub, platform: frr}
  - {name: ups-hub, site: hub, role: ups, platform: linux}
  - {name: r-xa, site: xa, role: commune-router, platform: frr}
"""
DARK = datetime(2026, 11, 22, 2, 14, tzinfo=UTC)
MAINS, BATTERY, LOW = ("good", "on_mains"), ("degraded", "on_battery"), ("bad", "battery_low")
SILENT, FLAPPING = ("unknown", "never_measured"), ("degraded", "flapping")
BYPASS = ("degraded", "on_bypass")


def minutes(before: float) -> datetime:
    return DARK - timedelta(minutes=before)


def hinted(database: Database, *told: tuple[float, tuple[str, str]]) -> list[tuple[str, datetime]]:
    """Return the devices that were hinted at after the UPS had told this, minutes before."""
    with database.write() as session:
        actor = Actor.system("test")
        plan = inventory.plan_import(session, actor, INVENTORY, "power.yaml")
        inventory.apply_import(session, actor, plan, "test")
        keys = {row.name: row.device_key for row in session.scalars(select(Device))}
        element = f"ups:{keys['ups-hub']}"
        row = ElementRow(element=element, kind="ups", owner=keys["ups-hub"], name="", monitor="m")
        row.state, row.cause, row.since, row.scope_id = *told[-1][1], minutes(told[-1][0]), None
        session.add(row)
        for number, (before, (state, cause)) in enumerate(told):
            moved = TransitionRow(monitor="m", epoch="e", sequence=number, element=element)
            moved.scope_id, moved.from_state, moved.evidence = None, "unknown", {}
            moved.to_state, moved.cause, moved.at = state, cause, minutes(before)
            session.add(moved)
    with database.read() as session:
        asked = [f"device:{keys[name]}" for name in ("r-hub", "r-xa")]
        found = BatteryHints().hints(session, asked, minutes(60), DARK)
        assert all(each.is_local and "ups-hub" in each.text for each in found)
        names = {f"device:{key}": name for name, key in keys.items()}
        return [(names[each.element], each.at) for each in found]


@pytest.mark.parametrize(
    "told",
    [
        [(300, MAINS), (90, BATTERY)],
        [(300, MAINS), (90, BATTERY), (5, LOW)],
        [(300, MAINS), (90, BATTERY), (5, LOW), (1, SILENT)],
        [(300, MAINS), (90, BATTERY), (80, FLAPPING), (70, BATTERY)],
    ],
    ids=["on battery", "runs out", "and fell silent", "flapping between"],
)
def test_a_ups_that_had_not_got_its_mains_back_explains_its_own_site(
    sqlite_database: Database, told: list[tuple[float, tuple[str, str]]]
) -> None:
    assert hinted(sqlite_database, *told) == [("r-hub", minutes(90))]


@pytest.mark.parametrize(
    "told",
    [
        [(300, MAINS)],
        [(300, MAINS), (90, BATTERY), (30, MAINS)],
        [(300, MAINS), (90, BATTERY), (30, MAINS), (2, SILENT)],
        [(300, MAINS), (90, BYPASS)],
        [(300, MAINS), (-5, BATTERY)],
    ],
    ids=["mains", "mains are back", "back, then silent", "bypass", "battery only afterwards"],
)
def test_a_ups_that_had_mains_explains_nothing(
    sqlite_database: Database, told: list[tuple[float, tuple[str, str]]]
) -> None:
    assert hinted(sqlite_database, *told) == []
