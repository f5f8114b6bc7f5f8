from __future__ import annotations

import asyncio
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.snmp import Query
from hatang.drivers.snmp.packed import PackedCells, packed
from tests.hatang.drivers.snmp.messages import IF_SPEED, UP_TIME
from tests.hatang.drivers.snmp.scripted import Scripted, reading, rows

if TYPE_CHECKING:
    from hatang.drivers.values import SnmpValue

VALUES = st.one_of(
    st.integers(0, 2**64 - 1), st.integers(-5, 5), st.binary(max_size=3), st.floats(0, 1)
)
COLUMNS = st.dictionaries(st.integers(1, 400).map(str), VALUES, max_size=8)


@given(COLUMNS)
def test_packed_cells_read_as_the_dictionary_they_were_made_of(cells: dict[str, SnmpValue]) -> None:
    found = packed(cells)
    assert found == cells
    assert cells == found
    assert (list(found), list(found.keys()), len(found)) == (list(cells), list(cells), len(cells))
    assert list(found.items()) == list(cells.items())
    assert list(found.values()) == list(cells.values())
    assert {index: found.get(index) for index in (*cells, "no")} == {**cells, "no": None}
    assert "no" not in found


@given(COLUMNS)
def test_only_whole_numbers_are_packed(cells: dict[str, SnmpValue]) -> None:
    is_whole = all(isinstance(value, int) and value >= 0 for value in cells.values())
    assert isinstance(packed(cells), PackedCells) == (is_whole and bool(cells))


def test_cells_that_stand_among_others_read_as_before() -> None:
    cells = packed({"1": 2**40, "2": 3})
    assert isinstance(cells, PackedCells)
    cells.move(array("Q", [7, 2**40, 3, 8]), 1)
    assert cells == {"1": 2**40, "2": 3}
    assert list(cells.values()) == [2**40, 3]


@pytest.mark.parametrize("value", [2**64, -1, b"x", 1.5])
def test_what_does_not_fit_is_not_packed(value: SnmpValue) -> None:
    cells = {"1": 2**40, "2": value}
    assert packed(cells) is cells


def test_a_value_that_outgrows_its_packed_column_is_read_as_a_walk_reads_it() -> None:
    query = Query((UP_TIME,), ((IF_SPEED,),), repeats=True)
    agent, found = Scripted(rows(4)), []

    async def poll() -> None:
        async with reading(agent) as (_, reader):
            for value in (b"\x01", b"\x01", b"\x02", b"\x01\x00\x00\x00\x00", b"\x03"):
                agent.cells[f"{IF_SPEED}.3"] = 0x46, value
                agent.connection_made(agent.transport)
                column = (await reader.poll(query)).columns[IF_SPEED]
                column.cells = packed(column.cells)
                found.append(dict(column.cells))

    asyncio.run(poll())
    assert [cells["3"] for cells in found] == [1, 1, 2, 2**32, 3]
    assert all(cells.keys() == {"1", "2", "3", "4"} for cells in found)
