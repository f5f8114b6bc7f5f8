"""What Prometheus holds is what the devices say: net-snmp, asked the same, answers the same."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.installation import PERIOD_SECONDS
from tests.acceptance.netsnmp import IF_HC_IN_OCTETS, Agent
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Device, Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

SEED = 20250701
CHOSEN = 20
# A poll, a scrape, and a scrape's turn: by then Prometheus holds something measured after now.
# Longer than net-snmp's agent keeps its ifTable (15 s), so that counters are seen to move.
FRESH_SECONDS = 3 * PERIOD_SECONDS + 2
Reading = dict[tuple[str, int], int]


@pytest.fixture(scope="module")
def agent(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Agent:
    folder = tmp_path_factory.mktemp("netsnmp") / "conf"
    return Agent.with_credential(folder, province.secrets["lab-snmp"])


@dataclass(frozen=True)
class Walk:
    """A reading of every interface of the lab by snmpbulkwalk."""

    rows: Reading

    @classmethod
    def over(cls, devices: list[Device], agent: Agent) -> Walk:
        found: Reading = {}
        for device in devices:
            for index, value in agent.column(device.address, IF_HC_IN_OCTETS).items():
                found[device.name, index] = value
        return cls(found)


def in_prometheus(hatang: Installation) -> Reading:
    """Return every received-octets counter that Prometheus holds now."""
    return {
        (each["metric"]["device"], int(each["metric"]["ifIndex"])): int(float(each["value"][1]))
        for each in hatang.query("ifHCInOctets")
    }


def check_as_many(hatang: Installation, walk: Walk) -> None:
    """`count(ifHCInOctets)` is the number of rows that net-snmp walked."""
    counted = hatang.number("count(ifHCInOctets)")
    hold(counted == len(walk.rows), f"Prometheus holds {counted}, net-snmp {len(walk.rows)}")


def check_between(before: Walk, held: Reading, after: Walk) -> None:
    """Chosen counters stand between what net-snmp read before and after."""
    chosen = random.Random(SEED).sample(sorted(before.rows), CHOSEN)
    for key in chosen:
        low, value, high = before.rows[key], held.get(key), after.rows[key]
        hold(value is not None and low <= value <= high, f"{key}: {low} <= {value} <= {high} fails")
    moved = [key for key in chosen if before.rows[key] < after.rows[key]]
    hold(len(moved) > CHOSEN // 4, f"only {moved} of the chosen counters moved at all")


def devices(province: Province) -> list[Device]:
    return list(province.devices.values())


def test_every_interface_is_counted_and_every_counter_is_true(
    hatang: Installation, province: Province, agent: Agent
) -> None:
    before = Walk.over(devices(province), agent)
    check_as_many(hatang, before)
    time.sleep(FRESH_SECONDS)
    held = in_prometheus(hatang)
    check_between(before, held, Walk.over(devices(province), agent))


def test_sabotage_one_device_is_missing_from_the_inventory(
    blind: Installation, province: Province, agent: Agent
) -> None:
    walk = Walk.over(devices(province), agent)
    assert blind.number("count(ifHCInOctets)") > 0
    with turns_red():
        check_as_many(blind, walk)


def test_sabotage_the_monitor_stands_still(
    blind: Installation, province: Province, agent: Agent
) -> None:
    known = [device for device in devices(province) if device.name != "core-2"]
    before = Walk.over(known, agent)
    check_as_many(blind, before)
    blind.tell("monitor", signal.SIGSTOP)
    try:
        assert eventually(lambda: not in_prometheus(blind), 4 * PERIOD_SECONDS)
        with turns_red():
            check_between(before, in_prometheus(blind), before)
    finally:
        blind.tell("monitor", signal.SIGCONT)
