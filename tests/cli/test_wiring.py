"""What the composition root puts behind the gates is there when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.health import MonitorHealth
from cli.hints import ChangeHints
from cli.intents import ChangeFromIntent
from cli.wiring import open_app
from conference.health import RoomHealth
from hatang import gates
from hatang.settings import Settings
from monitors.power import BatteryHints
from playbooks.changes.routes import RouteHealth

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang


def test_the_gates_are_filled(hatang: Hatang) -> None:
    app = open_app(Settings(data_dir=hatang.data_dir))
    try:
        asked = [type(each) for each in gates.all_of(gates.CAUSE)]
        assert asked == [ChangeHints, BatteryHints]
        assert isinstance(gates.get(gates.CHANGE), ChangeFromIntent)
        health = [type(one) for one in gates.all_of(gates.HEALTH)]
        assert health == [MonitorHealth, RouteHealth, RoomHealth]
    finally:
        app.close()
