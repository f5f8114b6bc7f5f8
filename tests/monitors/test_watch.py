from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from typing import TYPE_CHECKING

from hatang import clock
from hatang.errors import Reason
from monitors.choices import Cause, ElementKind, State
from monitors.elements import MAX_NAME, Element
from monitors.slots import Slots
from monitors.state import Measurement
from tests.monitors.fakes import (
    ADMIN_STATUS,
    IF_NAME,
    OPER_STATUS,
    OSPF_ADMIN,
    OSPF_STATE,
    UP_TIME,
    FakeDevice,
    watch,
)

if TYPE_CHECKING:
    from monitors.state import ElementState
    from monitors.watch import DeviceWatch


def poll(one: DeviceWatch, times: int = 1) -> None:
    for _ in range(times):
        asyncio.run(one.poll())


def port(one: DeviceWatch, name: str) -> ElementState:
    element = Element(ElementKind.INTERFACE, one.target.key, name)
    return one.shared.board.state(element)


def itself(one: DeviceWatch) -> ElementState:
    return one.shared.board.state(one.element)


def test_a_device_that_answers_is_good_and_its_ports_are_as_it_says() -> None:
    device = FakeDevice().ports(2)
    device.cells[OPER_STATUS]["2"] = 7
    one = watch(device)
    poll(one)
    assert itself(one).state is State.GOOD
    assert port(one, "eth1").state is State.GOOD
    assert (port(one, "eth2").state, port(one, "eth2").cause) == (
        State.BAD,
        Cause.LOWER_LAYER_DOWN,
    )


def test_one_lost_packet_is_answered_by_a_second_look_and_changes_nothing() -> None:
    device = FakeDevice(agent=False).ports(1)
    one = watch(device)
    poll(one)
    before = itself(one)
    device.lost = 1
    poll(one)
    assert itself(one).state is before.state
    assert one.shared.board.feed.sequence == 1


def test_a_dead_device_is_bad_within_one_poll_and_its_parts_are_unknown() -> None:
    device = FakeDevice().ports(2)
    one = watch(device)
    poll(one)
    device.echo = device.agent = False
    poll(one)
    assert (itself(one).state, itself(one).cause) == (State.BAD, Cause.TIMEOUT)
    assert port(one, "eth1").state is State.UNKNOWN
    assert port(one, "eth1").cause is Cause.DEVICE_SILENT


def test_a_dead_device_costs_one_echo_a_period() -> None:
    device = FakeDevice()
    one = watch(device)
    poll(one)
    device.echo = device.agent = False
    poll(one)
    device.pings = device.gets = device.walks = 0
    poll(one, 5)
    assert (device.pings, device.gets, device.walks) == (5, 0, 0)


def test_the_first_answer_brings_a_dead_device_back() -> None:
    device = FakeDevice(echo=False, agent=False).ports(1)
    one = watch(device)
    poll(one, 2)
    device.echo = device.agent = True
    poll(one)
    assert itself(one).state is State.GOOD
    assert port(one, "eth1").state is State.GOOD


def test_a_device_whose_echoes_are_filtered_is_reached_by_snmp() -> None:
    device = FakeDevice(echo=False).ports(1)
    one = watch(device)
    poll(one)
    assert itself(one).state is State.GOOD
    device.agent = False
    poll(one)
    assert itself(one).state is State.BAD
    device.agent = True
    poll(one)
    assert itself(one).state is State.GOOD


def test_polls_leave_nothing_behind_that_only_the_collector_of_garbage_would_find() -> None:
    live, dead = watch(FakeDevice().ports(3)), watch(FakeDevice(echo=False, agent=False))
    dead.shared.reprobe_seconds = 0

    async def polls() -> int:
        for _ in range(4):
            await live.poll()
            await dead.poll()
        gc.collect()
        gc.disable()
        try:
            for _ in range(4):
                await live.poll()
                await dead.poll()
            return gc.collect()
        finally:
            gc.enable()

    assert asyncio.run(polls()) == 0


def test_a_device_that_only_answers_ping_is_degraded_with_the_reason() -> None:
    device = FakeDevice(agent=False, failure=Reason.AUTH_FAILED)
    one = watch(device)
    poll(one)
    assert (itself(one).state, itself(one).cause) == (State.DEGRADED, Cause.SNMP_AUTH_FAILED)


def test_a_silent_agent_is_asked_for_one_value_and_not_for_everything() -> None:
    device = FakeDevice().ports(20)
    one = watch(device)
    poll(one)
    device.agent = False
    poll(one)
    device.gets = device.walks = 0
    poll(one, 3)
    assert (device.gets, device.walks) == (3, 0)


def test_a_device_that_is_known_costs_one_conversation_a_poll() -> None:
    device = FakeDevice().ports(4)
    one = watch(device)
    poll(one)
    device.polls = device.gets = 0
    poll(one, 9)
    assert (device.polls, device.gets) == (9, 9)


def test_a_port_that_appears_after_a_restart_is_found_at_once() -> None:
    device = FakeDevice().ports(2)
    one = watch(device)
    poll(one, 2)
    device.ports(3).scalars[UP_TIME] = 5
    poll(one)
    assert port(one, "eth3").state is State.GOOD


def test_an_intended_port_that_is_gone_is_bad_and_another_one_unknown() -> None:
    device = FakeDevice().ports(3)
    one = watch(device)
    poll(one)
    device.cells[OPER_STATUS].pop("2")
    device.cells[OPER_STATUS].pop("3")
    poll(one)
    assert (port(one, "eth2").state, port(one, "eth2").cause) == (State.BAD, Cause.NOT_PRESENT)
    assert port(one, "eth3").state is State.UNKNOWN


def test_a_port_nobody_uses_is_not_broken_until_it_was_up_once() -> None:
    device = FakeDevice().ports(3)
    device.cells[OPER_STATUS]["3"] = 2
    one = watch(device)
    poll(one, 2)
    assert (port(one, "eth3").state, port(one, "eth3").cause) == (State.UNKNOWN, Cause.NOT_IN_USE)
    device.cells[OPER_STATUS]["3"] = 1
    poll(one)
    device.cells[OPER_STATUS]["3"] = 2
    poll(one)
    assert port(one, "eth3").state is State.BAD


def test_a_port_that_was_shut_says_so() -> None:
    device = FakeDevice().ports(2)
    device.cells[ADMIN_STATUS]["2"] = 2
    device.cells[OPER_STATUS]["2"] = 2
    one = watch(device)
    poll(one)
    assert port(one, "eth2").cause is Cause.ADMIN_DOWN


def test_an_ospf_neighbour_that_vanishes_is_bad() -> None:
    device = FakeDevice().ports(1)
    device.cells[OSPF_STATE] = {"10.0.0.2.0": 8}
    one = watch(device)
    poll(one)
    neighbour = Element(ElementKind.OSPF, one.target.key, "10.0.0.2")
    assert one.shared.board.state(neighbour).state is State.GOOD
    device.cells[OSPF_STATE] = {}
    poll(one)
    lost = one.shared.board.state(neighbour)
    assert (lost.state, lost.cause) == (State.BAD, Cause.NEIGHBOUR_LOST)


def test_neighbours_that_vanish_with_their_routing_process_are_not_lost() -> None:
    device = FakeDevice().ports(1)
    device.cells[OSPF_STATE] = {"10.0.0.2.0": 8}
    one = watch(device)
    poll(one)
    neighbour = Element(ElementKind.OSPF, one.target.key, "10.0.0.2")
    device.cells[OSPF_STATE] = {}
    witness = device.scalars.pop(OSPF_ADMIN)
    poll(one, 2)
    assert one.shared.board.state(neighbour).state is State.GOOD
    device.scalars[OSPF_ADMIN] = witness
    poll(one)
    assert one.shared.board.state(neighbour).cause is Cause.NEIGHBOUR_LOST


def test_hostile_names_reach_neither_state_nor_text_as_they_are() -> None:
    device = FakeDevice().ports(1)
    device.cells[IF_NAME]["1"] = b'ev"il\n\x1b[31m\xff'
    one = watch(device, interfaces=())
    poll(one)
    page = one.shared.exposition.page()
    assert 'ifName="ev\\"il' in page
    assert "\x1b" not in page
    assert all(line.startswith(("#", "hatang_", "if", "ospf", "sys")) for line in page.splitlines())


def test_a_name_longer_than_the_database_holds_is_cut() -> None:
    device = FakeDevice().ports(1)
    device.cells[IF_NAME]["1"] = b"x" * 255
    one = watch(device, interfaces=())
    poll(one)
    assert port(one, "x" * MAX_NAME).state is State.GOOD


def test_an_agent_that_got_no_turn_leaves_its_device_good_and_its_ports_as_they_were() -> None:
    device = FakeDevice().ports(1)
    one = watch(device)
    poll(one)
    device.gets = 0
    one._talk.slots = Slots(0, 1)
    one._talk.deadline_seconds = 0.01
    poll(one)
    assert (itself(one).state, port(one, "eth1").state) == (State.GOOD, State.GOOD)
    assert one.last is not None
    assert one.last.reason is Reason.BUSY
    assert device.gets == 0
    assert "ifHCInOctets" not in one.shared.exposition.page()


def test_many_who_doubt_a_device_cost_one_poll() -> None:
    device = FakeDevice().ports(1)
    one = watch(device)

    async def main() -> None:
        await asyncio.gather(*(one.verify() for _ in range(50)))

    asyncio.run(main())
    assert device.pings == 1


def test_a_renamed_device_keeps_its_agent_and_gets_its_new_name() -> None:
    device = FakeDevice().ports(1)
    one = watch(device)
    poll(one)
    learnt = device.polls
    asyncio.run(one.retarget(replace(one.target, name="core-one")))
    poll(one)
    assert device.polls == learnt + 1
    assert 'device="core-one"' in one.shared.exposition.page()


def test_behind_silent_uplinks_nobody_waits_long_for_an_answer() -> None:
    device = FakeDevice(echo=False, agent=False)
    one = watch(device)
    one.target = replace(one.target, uplinks=frozenset({"hub"}))
    hub = Element(ElementKind.DEVICE, "hub")
    for _ in range(4):
        one.shared.board.observe(hub, Measurement(State.BAD, Cause.TIMEOUT, clock.now()))
    poll(one)
    assert itself(one).state is State.BAD
    assert set(device.patience) == {one.shared.timeout_seconds / 4, 0.0}
    assert device.gets == 0
