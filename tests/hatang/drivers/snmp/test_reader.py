"""Reading good agents through the engine: shapes of tables, versions, families, many at once."""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import Engine, Kind, Query, SnmpLimits
from hatang.drivers.target import SnmpCommunity, Target
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.snmp.messages import IF_DESCR, IF_OPER, IF_SPEED, UP_TIME
from tests.hatang.drivers.snmp.scripted import (
    COMMUNITY,
    COMMUNITY_V1,
    GET,
    GET_BULK,
    GET_NEXT,
    QUICK,
    Scripted,
    listening,
    reading,
    rows,
)

if TYPE_CHECKING:
    from hatang.drivers.snmp import Reading

TABLE = (IF_DESCR, IF_SPEED, IF_OPER)
QUERY = Query((UP_TIME,), (TABLE,))


def polled(agent: Scripted, query: Query = QUERY, login: SnmpCommunity = COMMUNITY) -> Reading:
    async def poll() -> Reading:
        async with reading(agent, login) as (_, reader):
            return await reader.poll(query)

    return asyncio.run(poll())


def test_scalars_ride_on_the_first_request_of_the_table() -> None:
    agent = Scripted()
    found = polled(agent)
    assert found.whole
    assert found.scalars == {UP_TIME: 258}
    assert [len(found.columns[column].cells) for column in TABLE] == [24, 24, 24]
    assert found.columns[IF_DESCR].cells["24"] == b"eth24"
    assert found.columns[IF_SPEED].kind == Kind.INTEGER
    assert [asked.kind for asked in agent.asked] == [GET_BULK, GET_BULK]
    assert agent.asked[0].single == 1


def test_scalars_that_are_no_zero_instances_are_read_by_get() -> None:
    agent = Scripted()
    found = polled(agent, Query((f"{IF_DESCR}.3", UP_TIME), (TABLE,)))
    assert found.scalars == {f"{IF_DESCR}.3": b"eth3", UP_TIME: 258}
    assert agent.asked[0].kind == GET


def test_a_scalar_the_agent_does_not_have_is_absent() -> None:
    found = polled(Scripted(), Query(("1.3.6.1.2.1.1.9.0", UP_TIME), (TABLE,)))
    assert found.scalars == {UP_TIME: 258}
    assert found.whole


def test_columns_with_holes_and_of_unequal_length_are_read_whole() -> None:
    cells = {
        **{f"{IF_DESCR}.{row}": (4, b"x") for row in (1, 2, 3, 500, 70_000)},
        **{f"{IF_SPEED}.{row}": (0x42, b"\5") for row in (2, 500)},
        **{f"{IF_OPER}.{row}": (2, b"\1") for row in range(1, 41)},
    }
    found = polled(Scripted(cells))
    assert list(found.columns[IF_DESCR].cells) == ["1", "2", "3", "500", "70000"]
    assert list(found.columns[IF_SPEED].cells) == ["2", "500"]
    assert len(found.columns[IF_OPER].cells) == 40
    assert found.whole


def test_a_column_the_agent_does_not_have_is_empty_and_whole() -> None:
    found = polled(Scripted(), Query((), ((IF_DESCR, "1.3.6.1.2.1.99.1.1.1.4"),)))
    assert found.columns["1.3.6.1.2.1.99.1.1.1.4"].cells == {}
    assert len(found.columns[IF_DESCR].cells) == 24
    assert found.whole


def test_more_columns_than_a_frame_bears_are_read_in_groups() -> None:
    columns = tuple(f"1.3.6.1.2.1.2.2.1.{column}" for column in range(2, 42))
    agent = Scripted(rows(3, *columns))
    found = polled(agent, Query((), (columns,)))
    assert all(len(found.columns[column].cells) == 3 for column in columns)
    assert max(len(asked.names) for asked in agent.asked) == 24


def test_version_1_is_read_by_getnext() -> None:
    agent = Scripted(bend=_like_version_1)
    found = polled(agent, login=COMMUNITY_V1)
    assert found.scalars == {UP_TIME: 258}
    assert [len(found.columns[column].cells) for column in TABLE] == [24, 24, 24]
    assert {asked.kind for asked in agent.asked} == {GET, GET_NEXT}
    assert {asked.version for asked in agent.asked} == {0}


def test_version_1_leaves_out_what_the_agent_does_not_have() -> None:
    async def get() -> None:
        async with reading(Scripted(bend=_like_version_1), COMMUNITY_V1) as (_, reader):
            found = await reader.get(["1.3.6.1.2.1.1.9.0", UP_TIME, f"{IF_DESCR}.99"])
            assert found == {UP_TIME: 258}

    asyncio.run(get())


def _like_version_1(agent: Scripted, asked: object) -> list[bytes] | None:
    """Answer noSuchName where version 2 would name an exception (RFC 1157 section 4.1.2)."""
    assert isinstance(asked, type(agent.asked[0]))
    names = [agent._exactly(name) for name in asked.names]
    if asked.kind == GET_NEXT:
        names = [agent._following(name) for name in asked.names]
    for place, (_, tag, _) in enumerate(names):
        if tag >= 0x80:
            return asked.says(status=2, index=place + 1)
    return None


def test_an_agent_is_read_over_ipv6() -> None:
    async def poll() -> None:
        async with listening(Scripted(), "::1") as target, Engine() as engine:
            limits = SnmpLimits(request_seconds=10, deadline_seconds=30, retries=0)
            found = await engine.reader(target, COMMUNITY, limits).poll(QUERY)
            assert found.whole
            assert engine.counts.answered == engine.counts.sent == 2

    asyncio.run(poll())


def test_a_name_is_looked_up() -> None:
    async def get() -> None:
        async with listening(Scripted()) as target, Engine() as engine:
            named = dataclasses.replace(target, host="localhost")
            reader = engine.reader(named, COMMUNITY, QUICK)
            assert await reader.get([UP_TIME]) == {UP_TIME: 258}

    asyncio.run(get())


def test_what_is_asked_at_once_of_one_agent_goes_out_one_request_at_a_time() -> None:
    async def get() -> None:
        agent = Scripted()
        async with reading(agent) as (_, reader):
            found = await asyncio.gather(*(reader.get([UP_TIME]) for _ in range(20)))
            assert all(each == {UP_TIME: 258} for each in found)
            assert len({asked.request_id for asked in agent.asked}) == 20

    asyncio.run(get())


def test_many_agents_share_one_socket_and_none_is_confused_with_another() -> None:
    async def poll() -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        async with Engine() as engine, asyncio.TaskGroup() as group:
            tasks = []
            for place in range(1, 31):
                transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    partial(Scripted, rows(place)), local_addr=(f"127.0.1.{place}", 0)
                )
                port = transport.get_extra_info("sockname")[1]
                target = Target(f"r{place}", f"127.0.1.{place}", port)
                reader = engine.reader(target, COMMUNITY, QUICK)
                tasks.append((transport, group.create_task(reader.poll(QUERY))))
            found = [len((await task).columns[IF_DESCR].cells) for _, task in tasks]
            assert found == list(range(1, 31))
            assert len(list(Path("/proc/self/fd").iterdir())) == before + 31
            for transport, _ in tasks:
                transport.close()

    asyncio.run(poll())


def test_the_sockets_close_with_the_last_reader() -> None:
    async def close() -> None:
        async with listening(Scripted()) as target:
            before = len(list(Path("/proc/self/fd").iterdir()))
            engine = Engine()
            readers = [engine.reader(target, COMMUNITY, QUICK) for _ in range(3)]
            for reader in readers:
                await reader.get([UP_TIME])
            assert len(list(Path("/proc/self/fd").iterdir())) == before + 1
            for reader in readers:
                await reader.close()
            assert len(list(Path("/proc/self/fd").iterdir())) == before

    asyncio.run(close())


@pytest.mark.slow
def test_a_reader_goes_on_in_another_loop() -> None:
    engine = Engine()
    reader = engine.reader(Target("gone", "127.0.0.1", 9), COMMUNITY, QUICK)
    for _ in range(2):
        with pytest.raises(DriverError) as caught:
            asyncio.run(reader.get([UP_TIME]))
        assert caught.value.reason is Reason.TIMEOUT
    engine.close()


@pytest.mark.slow
def test_an_agent_that_is_not_there_costs_one_datagram_a_try() -> None:
    async def get() -> None:
        async with Engine() as engine:
            limits = SnmpLimits(request_seconds=0.05, deadline_seconds=1, retries=2)
            reader = engine.reader(Target("gone", "127.0.0.1", 9), COMMUNITY, limits)
            with pytest.raises(DriverError, match="gone"):
                await reader.poll(QUERY)
            assert engine.counts.sent == 3

    asyncio.run(get())


def test_an_address_without_a_way_is_unreachable() -> None:
    async def get() -> None:
        async with Engine() as engine:
            reader = engine.reader(Target("far", "255.255.255.255", 161), COMMUNITY, QUICK)
            with pytest.raises(DriverError, match="far"):
                await reader.get([UP_TIME])

    asyncio.run(get())


def test_a_cancelled_call_lets_the_next_one_through() -> None:
    async def cancel() -> None:
        agent = Scripted()
        async with reading(agent) as (engine, reader):
            first = asyncio.create_task(reader.poll(QUERY))
            second = asyncio.create_task(reader.poll(QUERY))
            third = asyncio.create_task(reader.poll(QUERY))
            await asyncio.sleep(0)
            first.cancel()
            third.cancel()
            assert (await second).whole
            assert not engine._pending

    asyncio.run(cancel())


@pytest.mark.slow
def test_no_more_requests_fly_than_answers_fit_into_the_buffer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hatang.drivers.snmp.sockets._REPLY_OCTETS", 2**40)

    async def poll() -> None:
        agent = Scripted()
        async with listening(agent) as target, Engine() as engine:
            readers = [engine.reader(target, COMMUNITY, QUICK) for _ in range(100)]
            dead = [
                engine.reader(Target("gone", "127.0.0.1", 9), COMMUNITY, QUICK) for _ in range(40)
            ]
            lost = [asyncio.create_task(reader.get([UP_TIME])) for reader in dead]
            await asyncio.sleep(0)
            assert engine._flying <= 32
            found = await asyncio.gather(*(reader.get([UP_TIME]) for reader in readers))
            assert all(found)
            await asyncio.gather(*lost, return_exceptions=True)
            assert engine._flying == 0

    asyncio.run(poll())
