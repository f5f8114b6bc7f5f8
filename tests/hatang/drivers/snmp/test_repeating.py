"""The same query again: what is read of the differences is what a walk would have read."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import Engine, Query, codec
from hatang.drivers.snmp.ber import DecodeError, oid_octets
from tests.hatang.drivers.snmp.cores import compiled
from tests.hatang.drivers.snmp.messages import (
    IF_DESCR,
    IF_OPER,
    IF_SPEED,
    UP_TIME,
    Variable,
    answer,
    variable,
)
from tests.hatang.drivers.snmp.scripted import (
    COMMUNITY,
    QUICK,
    Asked,
    Scripted,
    listening,
    reading,
    rows,
)
from tests.hatang.drivers.snmp.test_codec import mutated

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from hatang.drivers.snmp import Reading

TABLE = (IF_DESCR, IF_SPEED, IF_OPER)
QUERY = Query((UP_TIME,), (TABLE,), repeats=True)
ONCE = dataclasses.replace(QUERY, repeats=False)


def begun(core: ModuleType) -> list[Any]:
    return [core.Column(name, oid_octets(name), 50) for name in (IF_DESCR, IF_OPER)]


def shown(walks: list[Any]) -> list[object]:
    return [(walk.cells, walk.last, walk.done, walk.kind, walk.mixed) for walk in walks]


def renewed(core: ModuleType, before: bytes, now: bytes) -> list[object] | None:
    """Return the columns as `renew` leaves them, None where it wants a walk.

    What it leaves must be what a walk of `now` finds.
    """
    walks, fresh = begun(core), begun(core)
    old = core.read(before)
    core.fold(old, walks)
    assert not any(walk.fault for walk in walks)
    try:
        new = core.read(now)
    except DecodeError:
        return None
    if not core.renew(new, old, walks, is_last=any(walk.done for walk in walks)):
        return None
    for walk in walks:
        walk.cells = walk.cells if walk.renewed is None else walk.renewed
    core.fold(new, fresh)
    assert shown(walks) == shown(fresh), now.hex()
    assert not any(walk.fault for walk in fresh)
    return shown(walks)


def tables() -> list[list[Variable]]:
    """Return answers that a walk takes without a fault, one that ends both columns among them."""
    even = [
        variable(f"{(IF_DESCR, IF_OPER)[place % 2]}.{place // 2 + 1}", 0x41, bytes((place,)))
        for place in range(12)
    ]
    after = [variable(f"{IF_SPEED}.1", 2, b"\1"), variable("1.3.6.1.2.1.2.2.1.9.1", 0x43, b"\1")]
    return [even, even + after, [*even, *after, *after]]


def test_values_that_differ_are_all_that_is_read(core: ModuleType) -> None:
    for table in tables():
        other = [(name, tag, bytes(octet ^ 1 for octet in value)) for name, tag, value in table]
        assert renewed(core, answer(7, table), answer(8, other)) is not None


@pytest.mark.parametrize(
    "bend",
    [
        lambda table: table[:-2],
        lambda table: [*table, *table[-2:]],
        lambda table: [*table[:4], *table[6:]],
        lambda table: [(table[0][0], 4, b"x"), *table[1:]],
        lambda table: [(*table[0][:2], b""), *table[1:]],
        lambda table: [(table[0][0], 0x81, b""), *table[1:]],
        lambda table: [(oid_octets(f"{IF_DESCR}.9"), *table[0][1:]), *table[1:]],
        lambda table: [(*table[0][:2], bytes(200)), *table[1:]],
    ],
)
def test_anything_else_that_differs_wants_a_walk(
    core: ModuleType, bend: Callable[[list[Variable]], list[Variable]]
) -> None:
    table = tables()[0]
    assert renewed(core, answer(7, table), answer(8, bend(table))) is None


def test_broken_answers_are_never_read_otherwise_than_by_a_walk(core: ModuleType) -> None:
    chance = random.Random(11)
    for table in tables():
        whole = answer(7, table)
        for _ in range(1500):
            renewed(core, whole, mutated(whole, chance))


@pytest.mark.slow
def test_both_forms_of_the_decoder_renew_the_same() -> None:
    quick = compiled()
    chance = random.Random(13)
    for table in tables():
        whole = answer(7, table)
        for _ in range(5000):
            datagram = mutated(whole, chance)
            assert renewed(quick, whole, datagram) == renewed(codec, whole, datagram)


def changed(agent: Scripted, **values: tuple[int, bytes]) -> None:
    """Let `agent` tell `values` from now on; names are given as `column_row`."""
    columns = {"descr": IF_DESCR, "speed": IF_SPEED, "oper": IF_OPER}
    for name, value in values.items():
        column, _, row = name.partition("_")
        agent.cells[f"{columns[column]}.{row}"] = value
    agent.connection_made(agent.transport)


def repeated(agent: Scripted, between: list[Callable[[], None]]) -> list[Reading]:
    """Poll `agent` three times, and once more after each of `between`."""

    async def poll() -> list[Reading]:
        async with reading(agent) as (_, reader):
            found = [await reader.poll(QUERY) for _ in range(3)]
            for step in between:
                step()
                found.append(await reader.poll(QUERY))
            return found

    return asyncio.run(poll())


def test_a_column_in_which_nothing_changed_keeps_its_cells_object() -> None:
    agent = Scripted()
    found = repeated(agent, [lambda: changed(agent, speed_7=(2, b"\x70"))])
    before, after = found[-2].columns, found[-1].columns
    assert after[IF_OPER].cells is before[IF_OPER].cells
    assert after[IF_SPEED].cells == {str(row): row for row in range(1, 25)} | {"7": 0x70}


def test_what_was_read_before_stays_as_it_was_read() -> None:
    agent = Scripted()

    async def poll() -> None:
        async with reading(agent) as (_, reader):
            for _ in range(3):
                held = (await reader.poll(QUERY)).columns[IF_SPEED].cells
            changed(agent, speed_7=(2, b"\x70"))
            assert (await reader.poll(QUERY)).columns[IF_SPEED].cells["7"] == 0x70
            assert held["7"] == 7

    asyncio.run(poll())


def test_a_poll_that_repeats_asks_what_the_one_before_asked() -> None:
    agent = Scripted()
    repeated(agent, [lambda: None])
    asked = [(one.kind, one.names, one.repetitions) for one in agent.asked]
    assert asked[-2:] == asked[:2]
    assert len(asked) == 8


def test_a_row_that_comes_and_one_that_goes_are_seen_at_once() -> None:
    agent = Scripted()

    def more() -> None:
        agent.cells |= rows(25)
        changed(agent)

    def less() -> None:
        agent.cells = rows(20)
        changed(agent)

    *_, longer, shorter = repeated(agent, [more, less])
    assert [len(longer.columns[name].cells) for name in TABLE] == [25, 25, 25]
    assert [len(shorter.columns[name].cells) for name in TABLE] == [20, 20, 20]
    assert longer.whole
    assert shorter.whole


@pytest.mark.parametrize("lost", [1, 2])
def test_an_answer_that_is_lost_costs_a_poll_nothing_but_time(lost: int) -> None:
    agent, heard = Scripted(), 0

    def deaf(_agent: Scripted, _asked: Asked) -> list[bytes] | None:
        nonlocal heard
        heard += 1
        return [] if heard == 6 + lost else None

    agent.bend = deaf
    last = repeated(agent, [lambda: None])[-1]
    assert last.whole
    assert [len(last.columns[name].cells) for name in TABLE] == [24, 24, 24]


def test_an_agent_that_falls_silent_between_two_answers_keeps_what_came() -> None:
    agent, heard = Scripted(), 0

    def dying(_agent: Scripted, _asked: Asked) -> list[bytes] | None:
        nonlocal heard
        heard += 1
        return [] if heard > 7 else None

    agent.bend = dying
    last = repeated(agent, [lambda: None])[-1]
    assert last.scalars == {UP_TIME: 258}
    assert not last.whole
    assert 0 < len(last.columns[IF_OPER].cells) < 24


def test_an_error_in_place_of_an_answer_is_named_as_in_any_poll() -> None:
    agent, heard = Scripted(), 0

    def failing(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        nonlocal heard
        heard += 1
        return asked.says(status=5, index=1) if heard > 6 else None

    agent.bend = failing
    failed, *_ = repeated(agent, [lambda: None])[-1:]
    assert not failed.whole


@pytest.mark.slow
def test_polls_that_repeat_bring_what_polls_that_do_not_bring() -> None:
    chance = random.Random(17)
    agent = Scripted()

    async def poll() -> None:
        async with listening(agent) as target, Engine() as engine:
            reader = engine.reader(target, COMMUNITY, QUICK)
            for _ in range(150):
                for name in chance.sample(sorted(agent.cells), chance.randrange(4)):
                    tag, value = agent.cells[name]
                    agent.cells[name] = tag, chance.choice((value, bytes((chance.randrange(127),))))
                if chance.random() < 0.1:
                    agent.cells = rows(chance.randrange(1, 40))
                agent.connection_made(agent.transport)
                other = engine.reader(target, COMMUNITY, QUICK)
                again, fresh = await reader.poll(QUERY), await other.poll(ONCE)
                assert again.scalars == fresh.scalars
                assert {n: c.cells for n, c in again.columns.items()} == {
                    n: c.cells for n, c in fresh.columns.items()
                }
                await other.close()

    asyncio.run(poll())
