"""Keeps what an SNMP agent answered as it came, so that a province can send what its agents say.

One line an instance, as net-snmp's `snmpwalk -On` writes it; every number is an INTEGER and every
address an OID. Who asked, and with which login, is not kept. What is kept names rooms and people.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hatang.drivers.protocols import SnmpReader
    from hatang.drivers.snmp.readings import Query, Reading
    from hatang.drivers.values import SnmpValue

FILE: Final = "agent.snmpwalk"
_PRINTABLE: Final = frozenset(range(0x20, 0x7F)) | {0x09}


@dataclass(frozen=True, slots=True)
class RecordingReader:
    """An `SnmpReader` whose answers are also written into `folder`; what is absent is no line."""

    reader: SnmpReader
    folder: Path

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        """Return the instances the agent has; raises DriverError."""
        found = await self.reader.get(oids)
        await self._keep(found)
        return found

    async def columns(
        self, columns: Sequence[str], max_repetitions: int = 10
    ) -> dict[str, dict[str, SnmpValue]]:
        """Return each column's cells by index; raises DriverError."""
        found = await self.reader.columns(columns, max_repetitions)
        cells = {
            f"{column}.{index}": value
            for column, column_cells in found.items()
            for index, value in column_cells.items()
        }
        await self._keep(cells)
        return found

    async def poll(self, query: Query) -> Reading:
        """Return all that can be read of `query`; that is not kept, for no driver here polls."""
        return await self.reader.poll(query)

    async def close(self) -> None:
        """Release the socket."""
        await self.reader.close()

    async def _keep(self, found: Mapping[str, SnmpValue]) -> None:
        await asyncio.to_thread(self._write, [line(oid, value) for oid, value in found.items()])

    def _write(self, lines: Sequence[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.folder / FILE
        file.touch(mode=0o600)
        with file.open("a", encoding="utf-8") as kept:
            kept.writelines(f"{each}\n" for each in lines)


def line(oid: str, value: SnmpValue) -> str:
    """Return an instance as snmpwalk writes it; text that is not plain goes as hexadecimal."""
    if isinstance(value, bytes):
        if set(value) <= _PRINTABLE:
            told = value.decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
            return f'.{oid} = STRING: "{told}"'
        return f".{oid} = Hex-STRING: {value.hex(' ').upper()}"
    if isinstance(value, int):
        return f".{oid} = INTEGER: {value}"
    return (
        f".{oid} = OID: .{value}" if isinstance(value, str) else f".{oid} = Opaque: Float: {value}"
    )
