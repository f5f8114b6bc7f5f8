"""The same query again: what is read of the differences is what a walk would have read."""

from __future__ import annotations

import asyncio
import dataclasses
import random
from array import array
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.snmp import Engine, Query, codec, frames
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

    from hatang.drivers.snmp import Reading

TABLE = (IF_DESCR, IF_SPEED, IF_OPER)
QUERY = Query((UP_TIME,), (TABLE,), repeats=True)
ONCE = dataclasses.replace(QUERY, repeats=False)


def walked(pdu: codec.Pdu) -> list[codec.Column]:
    """Return the columns as a walk finds them in an answer."""
    walks = [codec.Column(name, oid_octets(name), 50) for name in (IF_DESCR, IF_OPER)]
    codec.fold(pdu, walks)
    return walks


def renewed(
    loops: ModuleType, before: bytes, now: bytes, kinds: bytes
) -> list[dict[str, Any]] | None:
    """Return the cells of an answer where it is read by comparing it, None where it wants a walk.

    They must be what a walk of it finds. `kinds` are those of the columns: 1 where numbers are
    compared as such.
    """
    old = codec.read(before)
    assert isinstance(old, codec.Pdu)
    walks = walked(old)
    assert not any(walk.fault for walk in walks)
    frame = loops.framed(old, [walk.prefix for walk in walks], [0, 1], [0, 0])
    assert frame is not None
    assert frame.counts == tuple(len(walk.cells) for walk in walks)
    try:
        new = codec.read(now)
    except DecodeError:
        return None
    assert isinstance(new, codec.Pdu)
    cells = [dict(walk.cells) for walk in walks]
    found = compared(loops, (old, new), frame, kinds, cells)
    if not found:
        return None
    fresh = walked(new)
    assert cells == [walk.cells for walk in fresh], now.hex()
    assert not any(walk.fault for walk in fresh)
    return cells


def compared(
    loops: ModuleType, answers: tuple[codec.Pdu, codec.Pdu], frame: Any, kinds: bytes, cells: Any
) -> bool:
    """Put what differs between two answers into `cells`; return whether that could be done."""
    old, new = answers
    counted = [list(each.values()) if kind else [] for kind, each in zip(kinds, cells, strict=True)]
    starts = 0, len(counted[0])
    store = loops.Store(kinds, starts, array("Q", [*counted[0], *counted[1]]))
    fresh = loops.Fresh(store.numbers[:], bytearray(2))
    texts = loops.texts_of(old, frame, kinds)
    renewed = {
        place: (oid_octets(name), cells[place]) for place, name in enumerate((IF_DESCR, IF_OPER))
    }
    found = loops.compare(new, frame, texts, store, fresh)
    if found == loops.OTHER:
        return False
    if found == loops.RENEWED and not loops.gather(new, frame, texts, kinds, renewed):
        return False
    if found == loops.SAME:
        assert loops.texts_of(new, frame, kinds) == texts
    for place, start in enumerate(starts):
        if kinds[place]:
            numbers = fresh.numbers[start : start + len(cells[place])]
            is_same = list(cells[place].values()) == list(numbers)
            assert is_same != bool(fresh.changed[place])
            cells[place] = dict(zip(cells[place], numbers, strict=True))
    return True


def tables() -> list[list[Variable]]:
    """Return answers that a walk takes without a fault, one that ends both columns among them."""
    even = [
        variable(f"{(IF_DESCR, IF_OPER)[place % 2]}.{place // 2 + 1}", 0x41, bytes((place,)))
        for place in range(12)
    ]
    after = [variable(f"{IF_SPEED}.1", 2, b"\1"), variable("1.3.6.1.2.1.2.2.1.9.1", 0x43, b"\1")]
    return [even, even + after, [*even, *after, *after]]


KINDS = pytest.mark.parametrize("kinds", [b"\0\0", b"\1\0", b"\1\1"])


@KINDS
def test_values_that_differ_are_all_that_is_read(loops: ModuleType, kinds: bytes) -> None:
    for table in tables():
        other = [(name, tag, bytes(octet ^ 1 for octet in value)) for name, tag, value in table]
        assert renewed(loops, answer(7, table), answer(8, other), kinds) is not None


@KINDS
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
    loops: ModuleType, bend: Callable[[list[Variable]], list[Variable]], kinds: bytes
) -> None:
    table = tables()[0]
    assert renewed(loops, answer(7, table), answer(8, bend(table)), kinds) is None


@KINDS
def test_broken_answers_are_never_read_otherwise_than_by_a_walk(
    loops: ModuleType, kinds: bytes
) -> None:
    chance = random.Random(11)
    for table in tables():
        whole = answer(7, table)
        for _ in range(700):
            renewed(loops, whole, mutated(whole, chance), kinds)


@KINDS
@pytest.mark.slow
def test_both_forms_of_the_loops_renew_the_same(kinds: bytes) -> None:
    quick = compiled(frames)
    chance = random.Random(13)
    for table in tables():
        whole = answer(7, table)
        for _ in range(5000):
            datagram = mutated(whole, chance)
            one, other = (renewed(form, whole, datagram, kinds) for form in (quick, frames))
            assert one == other


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
