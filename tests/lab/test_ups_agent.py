"""The UPS agent speaks snmpd's pass_persist."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from lab.files import ups_agent

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = ".1.3.6.1.2.1.33.1.4.1.0"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ups.json"
    monkeypatch.setattr(ups_agent, "STATE", path)
    return path


@pytest.mark.usefixtures("state")
def test_without_a_state_the_ups_is_on_mains() -> None:
    assert ups_agent.answer("get", SOURCE, "ups-hub-1") == f"{SOURCE}\ninteger\n3\n"


def test_on_battery_the_charge_falls_and_an_alarm_stands(state: Path) -> None:
    state.write_text(json.dumps({"source": "battery", "since": time.time() - 41 * 60}))
    rows = {row[0]: row[2] for row in ups_agent.rows("ups-hub-1")}
    assert rows[1, 4, 1, 0] == "5"
    assert rows[1, 2, 1, 0] == "3"  # batteryLow
    assert int(rows[1, 2, 4, 0]) < 12
    assert rows[1, 6, 1, 0] == "1"


@pytest.mark.usefixtures("state")
def test_a_walk_passes_every_object_once_and_ends() -> None:
    oid, seen = ".1.3.6.1.2.1.33", []
    while (reply := ups_agent.answer("getnext", oid, "u")) != "NONE\n":
        oid = reply.splitlines()[0]
        seen.append(oid)
    assert len(seen) == len(set(seen)) == len(ups_agent.rows("u"))
