"""Our engine and another library read the same of net-snmp's agent, over v2c and v3."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import Engine, Query
from hatang.drivers.target import Target
from hatang.errors import DriverError
from tests.hatang.drivers.snmp.second import SecondReader
from tests.monitors.agent import COMMUNITY, USER, program, running

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.drivers.snmp.reader import EngineReader
    from hatang.drivers.snmp.readings import Reading
    from hatang.drivers.target import SnmpLogin

IF_TABLE = tuple(f"1.3.6.1.2.1.2.2.1.{column}" for column in (*range(1, 10), 21, 22))
# Tables that stand still while they are read twice; IF-MIB's counters do not.
STILL = (
    IF_TABLE,
    tuple(f"1.3.6.1.2.1.1.9.1.{column}" for column in (2, 3)),
    tuple(f"1.3.6.1.2.1.31.1.1.1.{column}" for column in (1, 14, 15, 16, 17, 18)),
    ("1.3.6.1.2.1.4.20.1.2", "1.3.6.1.2.1.4.20.1.3", "1.3.6.1.2.1.99.1.1.1.4"),
)
UP_TIME, NAME = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
QUERY = Query((UP_TIME, NAME), STILL)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program("snmpd") is None, reason="snmpd is neither installed nor in a tree"),
]


@pytest.mark.parametrize("login", [COMMUNITY, USER], ids=["v2c", "v3"])
def test_tables_and_scalars_are_the_same_by_both_readers(tmp_path: Path, login: SnmpLogin) -> None:
    async def compare(port: int) -> None:
        target = Target("r1", "127.0.0.1", port)
        async with Engine() as engine:
            reader = engine.reader(target, login)
            await _awake(reader)
            other = SecondReader(target, login)
            found = await reader.poll(QUERY)
            assert found.whole
            assert found.scalars[NAME] == (await other.get([NAME]))[NAME]
            ours, theirs = await _while_it_stands_still(reader, other)
            assert ours == theirs

    with running(tmp_path) as port:
        asyncio.run(compare(port))


async def _while_it_stands_still(
    reader: EngineReader, other: SecondReader
) -> tuple[list[object], list[object]]:
    """Return what both read; ports that come or go in between are a reason to read again."""
    until = time.monotonic() + 60
    while True:
        before = _tables(await reader.poll(QUERY))
        names = [f"{column}.{row}" for column in IF_TABLE for row in before[0][column]]
        theirs = [await other.columns(table) for table in STILL], await other.get(names)
        walked = [await reader.columns(table) for table in STILL], await reader.get(names)
        if before == _tables(await reader.poll(QUERY)) or time.monotonic() > until:
            return [before, *walked], [theirs[0], *theirs]


def _tables(found: Reading) -> list[dict[str, dict[str, object]]]:
    return [{column: dict(found.columns[column].cells) for column in table} for table in STILL]


async def _awake(reader: object) -> None:
    assert hasattr(reader, "get")
    until = time.monotonic() + 20
    while True:
        try:
            await reader.get([UP_TIME])
        except DriverError:
            if time.monotonic() > until:
                raise
        else:
            return
