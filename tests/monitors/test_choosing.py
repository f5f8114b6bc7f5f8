from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from monitors.choosing import RETRY_EVERY, Choice, choose
from monitors.modules import registry
from tests.monitors.replay import Recording

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpValue

OBJECT_ID, OSPF = "1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.14.1.2.0"


def chosen(values: dict[str, SnmpValue], platform: str = "", role: str = "switch") -> set[str]:
    return set(asyncio.run(choose(Recording(values), Choice(), platform, role)).names)


@pytest.mark.parametrize(
    ("enterprise", "module"),
    [
        ("9.1.1208", "cisco_cpu"),
        ("2636.1.1.1.4", "juniper"),
        ("2011.2.23.95", "huawei"),
        ("25506.11.1.24", "comware"),
        ("12356.101.1.644", "fortinet"),
        ("14988.1", "mikrotik"),
        ("25461.2.3.24", "paloalto"),
        ("674.10892.5", "idrac"),
        ("232.9.4.12", "hpe_ilo"),
        ("318.1.3.27", "apc"),
    ],
)
def test_a_device_nobody_described_gets_its_vendors_objects(enterprise: str, module: str) -> None:
    assert module in chosen({OBJECT_ID: f"1.3.6.1.4.1.{enterprise}"})


def test_a_prefix_is_one_of_whole_numbers() -> None:
    assert "cisco_cpu" not in chosen({OBJECT_ID: "1.3.6.1.4.1.99.1"})


def test_what_an_agent_does_not_answer_is_not_polled() -> None:
    assert "ospf" not in chosen({})
    assert "ospf" in chosen({OSPF: 1})


def test_what_was_there_once_stays_and_what_was_not_is_tried_again_seldom() -> None:
    agent, choice = Recording({OSPF: 1}), Choice()

    def names() -> tuple[str, ...]:
        return asyncio.run(choose(agent, choice, "", "core")).names

    assert "ospf" in names()
    agent.values.clear()
    agent.values["1.3.6.1.2.1.15.2.0"] = 65000
    agent.gets = 0
    assert "bgp4" not in names()
    assert "ospf" in names()
    assert agent.gets == 0
    choice.age = RETRY_EVERY
    assert {"bgp4", "ospf"} <= set(names())


def test_modules_are_in_the_form_a_page_can_show() -> None:
    names = [m.name for module in registry.built_in() for m in (*module.scalars,)]
    assert len(names) == len(set(names))
