"""A whole query of an agent by GETs and walks, for readers that have no conversation of their own.

What the agent stumbles over is found by asking for ever less, so that the rest is still read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from hatang.drivers.snmp.ber import oid_octets
from hatang.drivers.snmp.codec import Column
from hatang.drivers.snmp.gaps import SILENT, Gap
from hatang.drivers.snmp.readings import Reading
from hatang.errors import DriverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.snmp.readings import Query
    from hatang.drivers.values import SnmpValue

# SNMPv2-MIB sysUpTime (RFC 3418): what every agent has, so the cheapest proof that one answers.
SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
MOST_SILENCES: Final = 3
"""So many columns in a query may go unanswered before the rest is given up."""


class Simple(Protocol):
    """What can be read of an agent one call at a time."""

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return the instances the agent has; raises DriverError."""
        ...

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Return each column's cells by index; raises DriverError."""
        ...


async def poll_in_parts(reader: Simple, query: Query) -> Reading:
    """Return what `reader` can read of `query`; what it could not has a gap that says why.

    Raises:
        DriverError: the agent is silent or refuses, whatever it is asked for.
    """
    reading = Reading()
    if query.scalars:
        await _get(reader, query.scalars, reading)
    for table in query.tables:
        await _walk(reader, table, reading)
    lost = [*reading.gaps.values(), *(c.gap for c in reading.columns.values() if c.gap)]
    if lost and not reading:
        raise DriverError(lost[0].detail, lost[0].reason)
    return reading


async def _get(reader: Simple, names: Sequence[str], reading: Reading) -> None:
    try:
        reading.scalars |= await reader.get(names)
    except DriverError as error:
        if error.reason in SILENT:
            raise
        if len(names) == 1:
            reading.gaps[names[0]] = Gap(error.reason, error.message)
            return
        half = len(names) // 2
        await _get(reader, names[:half], reading)
        await _get(reader, names[half:], reading)


async def _walk(reader: Simple, table: Sequence[str], reading: Reading) -> None:
    gaps = [column.gap for column in reading.columns.values() if column.gap is not None]
    if sum(gap.reason in SILENT for gap in gaps) >= MOST_SILENCES:
        for name in table:
            _keep(reading, name, {}, gaps[-1])
        return
    try:
        found = await reader.columns(table)
    except (DriverError, TimeoutError) as error:
        gap = Gap.of(error)
        if gap.reason in SILENT:
            await reader.get([SYS_UP_TIME])  # is it the table, or the whole agent?
        if len(table) == 1:
            _keep(reading, table[0], {}, gap)
            return
        for name in table:
            await _walk(reader, (name,), reading)
    else:
        for name in table:
            _keep(reading, name, found.get(name) or {}, None)


def _keep(reading: Reading, name: str, cells: dict[str, SnmpValue], gap: Gap | None) -> None:
    column = Column(name, oid_octets(name), 0)
    column.cells = cells
    column.gap = gap
    reading.columns[name] = column
