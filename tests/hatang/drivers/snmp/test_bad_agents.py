"""Agents that break the protocol: good values stay, the reason is named, nobody else suffers."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import pytest

from hatang.drivers.snmp import Engine, Kind, Query, SnmpLimits
from hatang.drivers.snmp.ber import oid_octets
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.snmp.messages import IF_DESCR, IF_OPER, IF_SPEED, UP_TIME, variable
from tests.hatang.drivers.snmp.scripted import (
    COMMUNITY,
    GET,
    GET_BULK,
    GET_NEXT,
    QUICK,
    Asked,
    Scripted,
    listening,
    reading,
    rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.drivers.snmp import Reading
    from hatang.drivers.snmp.counts import Counts

TABLE = (IF_DESCR, IF_SPEED, IF_OPER)
QUERY = Query((UP_TIME,), (TABLE,))
Bend: TypeAlias = "Callable[[Scripted, Asked], list[bytes] | None]"


def polled(
    agent: Scripted, limits: SnmpLimits = QUICK, *, times: int = 1, query: Query = QUERY
) -> tuple[Reading, Counts]:
    """Poll `agent` beside a good neighbour, which must come whole each time."""

    async def poll() -> tuple[Reading, Counts]:
        neighbour = Scripted()
        async with (
            listening(neighbour) as beside,
            reading(agent, COMMUNITY, limits) as (engine, reader),
        ):
            for _ in range(times):
                other = asyncio.create_task(engine.reader(beside, COMMUNITY, QUICK).poll(QUERY))
                found = await reader.poll(query)
                assert (await other).whole
            return found, engine.counts

    return asyncio.run(poll())


def failure(agent: Scripted, limits: SnmpLimits = QUICK) -> DriverError:
    with pytest.raises(DriverError) as caught:
        polled(agent, limits)
    return caught.value


def from_row(row: int, *, column: str, to: int) -> Bend:
    """Answer honestly, but give `column` the row `to` in place of `row`."""

    def bend(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind != GET_BULK:
            return None
        wrong, right = oid_octets(f"{column}.{row}"), oid_octets(f"{column}.{to}")
        return [agent.honest(asked).replace(wrong, right)]

    return bend


@pytest.mark.parametrize(("row", "to"), [(3, 1), (3, 2)], ids=["loops", "repeats an index"])
def test_a_column_whose_rows_do_not_increase_ends_there_and_the_others_go_on(
    row: int, to: int
) -> None:
    found, _ = polled(Scripted(bend=from_row(row, column=IF_SPEED, to=to)))
    gap = found.columns[IF_SPEED].gap
    assert gap is not None
    assert gap.reason is Reason.PROTOCOL_ERROR
    assert "do not increase" in gap.detail
    assert list(found.columns[IF_SPEED].cells) == ["1", "2"]
    assert len(found.columns[IF_DESCR].cells) == len(found.columns[IF_OPER].cells) == 24
    assert found.scalars == {UP_TIME: 258}


def test_a_table_that_shrinks_while_it_is_read_keeps_the_rows_that_came() -> None:
    def bend(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if len(agent.asked) == 2:
            agent.cells = rows(5)
            agent.connection_made(agent.transport)
        return None

    found, _ = polled(Scripted(bend=bend))
    assert found.whole
    assert len(found.columns[IF_DESCR].cells) == 20


def test_a_table_without_end_stops_at_the_cap_of_rows() -> None:
    found, _ = polled(Scripted(rows(200, IF_DESCR)), dataclasses.replace(QUICK, rows=50))
    gap = found.columns[IF_DESCR].gap
    assert gap is not None
    assert gap.detail == "more than 50 rows"
    assert len(found.columns[IF_DESCR].cells) == 50


def test_a_walk_stops_at_the_deadline_though_every_answer_is_quick() -> None:
    def endless(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind != GET_BULK:
            return None
        number = sum(1 for _ in _agent.asked)
        return [asked.reply([variable(f"{IF_DESCR}.{number}", 4, b"x")])]

    limits = SnmpLimits(request_seconds=0.1, deadline_seconds=0.2, retries=1, rows=10**9)

    async def poll() -> Reading:
        async with reading(Scripted(bend=endless), COMMUNITY, limits) as (_, reader):
            return await reader.poll(Query((), ((IF_DESCR,),)))

    found = asyncio.run(poll())
    gap = found.columns[IF_DESCR].gap
    assert gap is not None
    assert gap.reason is Reason.TIMEOUT
    assert found.columns[IF_DESCR].cells


def test_the_answer_to_an_earlier_try_counts_and_its_double_is_dropped() -> None:
    def late(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind == GET and len(agent.asked) == 1:
            return []
        return [agent.honest(asked)] * 2

    async def get() -> None:
        async with reading(Scripted(bend=late)) as (engine, reader):
            assert await reader.get([UP_TIME]) == {UP_TIME: 258}
            assert await reader.get([f"{IF_DESCR}.1"]) == {f"{IF_DESCR}.1": b"eth1"}
            assert engine.counts.late >= 1

    asyncio.run(get())


@pytest.mark.slow
def test_an_answer_after_the_call_has_ended_is_not_taken_for_the_next() -> None:
    held: list[bytes] = []

    def late(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if len(agent.asked) <= 2:
            held.append(asked.reply([variable(UP_TIME, 0x43, b"\x63")]))
            return []
        return [*held, agent.honest(asked)]

    async def get() -> None:
        async with reading(Scripted(bend=late)) as (engine, reader):
            with pytest.raises(DriverError):
                await reader.get([UP_TIME])
            assert await reader.get([UP_TIME]) == {UP_TIME: 258}
            assert engine.counts.late == 2

    asyncio.run(get())


@pytest.mark.slow
def test_an_answer_with_the_id_of_another_request_is_dropped() -> None:
    def other(_agent: Scripted, asked: Asked) -> list[bytes]:
        return [dataclasses.replace(asked, request_id=asked.request_id ^ 1).reply([])]

    assert failure(Scripted(bend=other)).reason is Reason.TIMEOUT


@pytest.mark.slow
def test_an_answer_from_another_address_is_dropped_and_counted() -> None:
    async def get() -> None:
        stranger = Scripted()
        async with listening(stranger, "127.0.0.2"):

            def elsewhere(agent: Scripted, asked: Asked) -> list[bytes]:
                stranger.transport.sendto(agent.honest(asked), agent.peer)
                return []

            async with reading(Scripted(bend=elsewhere)) as (engine, reader):
                with pytest.raises(DriverError) as caught:
                    await reader.get([UP_TIME])
                assert caught.value.reason is Reason.TIMEOUT
                assert engine.counts.foreign == 2

    asyncio.run(get())


def test_a_truncated_answer_is_waited_out_for_a_good_one() -> None:
    def cut(agent: Scripted, asked: Asked) -> list[bytes]:
        whole = agent.honest(asked)
        return [whole[:-4]] if len(agent.asked) == 1 else [whole]

    found, counts = polled(Scripted(bend=cut))
    assert found.whole
    assert counts.malformed == 1


@pytest.mark.slow
@pytest.mark.parametrize("noise", [b"\x30\x84\xff\xff\xff\xff", bytes(40), b"\x30\x03\x02\x01\x01"])
def test_an_agent_that_sends_noise_fails_with_what_was_wrong(noise: bytes) -> None:
    assert failure(Scripted(bend=lambda _agent, _asked: [noise])).reason is Reason.PROTOCOL_ERROR


@pytest.mark.slow
def test_an_answer_in_another_version_is_not_believed() -> None:
    def other(agent: Scripted, asked: Asked) -> list[bytes]:
        return [agent.honest(dataclasses.replace(asked, version=0))]

    assert failure(Scripted(bend=other)).reason is Reason.PROTOCOL_ERROR


def test_a_broken_variable_ends_the_walk_and_keeps_what_stood_before_it() -> None:
    def broken(agent: Scripted, asked: Asked) -> list[bytes] | None:
        whole = agent.honest(asked)
        place = whole.index(oid_octets(f"{IF_OPER}.4")) - 2
        return [whole[:place] + b"\x05" + whole[place + 1 :]] if asked.kind == GET_BULK else None

    found, _ = polled(Scripted(bend=broken))
    assert list(found.columns[IF_DESCR].cells) == ["1", "2", "3", "4"]
    assert all(found.columns[column].gap is not None for column in TABLE)
    assert found.scalars == {UP_TIME: 258}


def test_values_of_wrong_types_are_kept_with_the_type_told() -> None:
    cells = rows(6) | {f"{IF_SPEED}.{row}": (4, b"fast") for row in (2, 3)}
    found, _ = polled(Scripted(cells))
    column = found.columns[IF_SPEED]
    assert (column.kind, column.mixed, column.gap) == (Kind.INTEGER, True, None)
    assert column.cells["2"] == b"fast"
    assert not found.columns[IF_DESCR].mixed


def test_a_value_of_no_known_type_costs_that_cell_only() -> None:
    found, _ = polled(Scripted(rows(6) | {f"{IF_SPEED}.2": (0x5F, b"x")}))
    gap = found.columns[IF_SPEED].gap
    assert gap is not None
    assert f"{IF_SPEED}.2" in gap.detail
    assert list(found.columns[IF_SPEED].cells) == ["1", "3", "4", "5", "6"]


def test_huge_and_hostile_strings_come_as_they_are() -> None:
    texts = [b"x" * 30_000, b"\xff\xfe\x00\n{{ 7*7 }}", "Xã Phú Lộc".encode()]
    cells = rows(0) | {f"{IF_DESCR}.{row}": (4, text) for row, text in enumerate(texts, 1)}
    found, _ = polled(Scripted(cells))
    assert list(found.columns[IF_DESCR].cells.values()) == texts


def test_columns_an_agent_does_not_answer_for_are_named_and_the_others_kept() -> None:
    def refuses(agent: Scripted, asked: Asked) -> list[bytes] | None:
        speed = oid_octets(IF_SPEED)
        for place, name in enumerate(asked.names):
            if name.startswith(speed):
                return asked.says(status=5, index=place + 1)
        return None

    found, _ = polled(Scripted(bend=refuses))
    gap = found.columns[IF_SPEED].gap
    assert gap is not None
    assert gap.detail == "the agent answers genErr"
    assert len(found.columns[IF_DESCR].cells) == len(found.columns[IF_OPER].cells) == 24
    assert found.scalars == {UP_TIME: 258}


def test_an_instance_an_agent_stumbles_over_is_named_and_the_others_kept() -> None:
    def stumbles(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        bad = oid_octets(f"{IF_SPEED}.2")
        return (
            asked.says(status=16, index=asked.names.index(bad) + 1) if bad in asked.names else None
        )

    names = tuple(f"{IF_SPEED}.{row}" for row in (1, 2, 3))

    async def poll() -> Reading:
        async with reading(Scripted(bend=stumbles)) as (_, reader):
            return await reader.poll(Query(names))

    found = asyncio.run(poll())
    assert list(found.scalars) == [names[0], names[2]]
    assert found.gaps[names[1]].reason is Reason.REJECTED


@pytest.mark.slow
@pytest.mark.parametrize("bear", [1, 3, 7, 10])
def test_an_answer_too_big_halves_what_is_asked_and_that_is_remembered(bear: int) -> None:
    def small(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        variables = asked.single + asked.repetitions * (len(asked.names) - asked.single)
        return asked.says(status=1) if variables > bear else None

    agent = Scripted(bend=small)
    found, _ = polled(agent)
    assert found.whole
    assert len(found.columns[IF_OPER].cells) == 24
    refused = sum(1 for asked in agent.asked if asked.repetitions > bear)
    agent = Scripted(bend=small)
    polled(agent, times=3)
    assert sum(1 for asked in agent.asked if asked.repetitions > bear) == refused


def test_instances_too_many_for_one_answer_are_asked_in_halves() -> None:
    def small(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        return asked.says(status=1) if len(asked.names) > 5 else None

    async def get() -> None:
        async with reading(Scripted(bend=small)) as (_, reader):
            names = [f"{IF_SPEED}.{row}" for row in range(1, 25)]
            assert list(await reader.get(names)) == names

    asyncio.run(get())


def test_one_value_that_is_always_too_big_is_named() -> None:
    def small(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        return asked.says(status=1) if oid_octets(f"{IF_SPEED}.2") in asked.names else None

    async def get() -> Reading:
        async with reading(Scripted(bend=small)) as (_, reader):
            return await reader.poll(Query((f"{IF_SPEED}.1", f"{IF_SPEED}.2")))

    found = asyncio.run(get())
    assert found.scalars == {f"{IF_SPEED}.1": 1}
    assert "too big" in found.gaps[f"{IF_SPEED}.2"].detail


@pytest.mark.slow
@pytest.mark.parametrize("bear", [0, 2])
def test_silence_after_getbulk_asks_for_less_and_that_is_remembered(bear: int) -> None:
    def too_much(asked: Asked) -> bool:
        return asked.kind == GET_BULK and asked.repetitions > bear

    def deaf(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        return [] if too_much(asked) else None

    agent = Scripted(rows(3), bend=deaf)
    limits = dataclasses.replace(QUICK, request_seconds=0.06, deadline_seconds=5.0)
    found, _ = polled(agent, limits, times=2)
    assert found.whole
    assert len(found.columns[IF_OPER].cells) == 3
    assert found.scalars == {UP_TIME: 258}
    assert agent.asked[-1].kind == (GET_BULK if bear else GET)
    last_deaf = max(
        n for n, a in enumerate(agent.asked) if a.kind == GET_BULK and a.repetitions > bear
    )
    assert last_deaf < len(agent.asked) // 2 + 4
    assert any(asked.kind == GET_NEXT for asked in agent.asked)


@pytest.mark.slow
def test_an_agent_that_answers_nothing_at_all_is_asked_for_as_much_as_before() -> None:
    async def poll() -> None:
        silent = Scripted(bend=lambda _agent, _asked: [])
        limits = dataclasses.replace(QUICK, request_seconds=0.05)
        async with reading(silent, COMMUNITY, limits) as (_, reader):
            for _ in range(2):
                with pytest.raises(DriverError):
                    await reader.poll(QUERY)
            asked = [each.repetitions for each in silent.asked if each.kind == GET_BULK]
            assert len(set(asked)) == 1
            assert len(asked) == 2

    asyncio.run(poll())


def test_an_answer_cut_among_the_scalars_is_asked_on_from_there() -> None:
    names = tuple(f"1.3.6.1.2.1.1.{number}.0" for number in (3, 4, 5))

    def short(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind != GET_BULK or asked.single < 2:
            return None
        return [asked.reply([agent._following(name) for name in asked.names[:1]])]

    cells = rows(6) | {name: (4, name.encode()) for name in names}
    found, _ = polled(Scripted(cells, bend=short), query=Query(names, (TABLE,)))
    assert found.scalars == {name: name.encode() for name in names}
    assert found.whole
    assert len(found.columns[IF_OPER].cells) == 6


def test_an_empty_answer_ends_what_was_asked_with_a_gap() -> None:
    found = failure_or_gap(Scripted(bend=lambda _agent, asked: [asked.reply([])]))
    assert all(column.gap is not None for column in found.columns.values())


def failure_or_gap(agent: Scripted) -> Reading:
    async def poll() -> Reading:
        async with reading(agent) as (_, reader):
            return await reader.poll(Query((), (TABLE,)))

    return asyncio.run(poll())


def test_a_flood_of_foreign_datagrams_holds_up_nobody() -> None:
    async def poll() -> None:
        async with listening(Scripted()) as target, Engine() as engine:
            reader = engine.reader(target, COMMUNITY, QUICK)
            await reader.get([UP_TIME])
            stranger = Scripted()
            async with listening(stranger, "127.0.0.2"):
                assert engine._line is not None
                (endpoint,) = engine._line.sockets._open.values()
                port = endpoint.getsockname()[1]
                for number in range(300):
                    stranger.transport.sendto(bytes((number % 256,)) * 50, ("127.0.0.1", port))
                assert (await reader.poll(QUERY)).whole
                assert engine.counts.malformed > 0

    asyncio.run(poll())
