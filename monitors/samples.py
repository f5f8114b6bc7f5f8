"""What one poll brought home, and the reading of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatang.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hatang.drivers.protocols import SnmpValue
    from monitors.modules.schema import IndexPart

Cells = dict[str, "SnmpValue"]
"""Values of one column by index."""


@dataclass(slots=True)
class TableSample:
    """The cells of one table by column name; rows may lack cells."""

    columns: dict[str, Cells] = field(default_factory=dict)

    def cell(self, column: str, index: str) -> SnmpValue | None:
        """Return a cell, None when the agent did not give it."""
        return self.columns.get(column, {}).get(index)

    def number(self, column: str, index: str) -> int | None:
        """Return a cell that is a whole number, None when it is absent or something else."""
        value = self.cell(column, index)
        return value if isinstance(value, int) else None

    def text(self, column: str, index: str) -> str:
        """Return a cell as text, empty when absent."""
        return as_text(self.cell(column, index))

    def indexes(self, column: str) -> list[str]:
        """Return the indexes that have a cell in `column`."""
        return list(self.columns.get(column, {}))


@dataclass(slots=True)
class PollSample:
    """One poll of one device; what was not answered is not in it.

    `reason` says how the SNMP part ended; None when the device was not asked by SNMP.
    """

    at: datetime
    reachable: bool
    rtt_seconds: float | None = None
    reason: Reason | None = None
    duration_seconds: float = 0.0
    scalars: Mapping[str, SnmpValue] = field(default_factory=dict)
    tables: dict[str, TableSample] = field(default_factory=dict)

    @property
    def values(self) -> int:
        """Return how many values it brought."""
        cells = (len(c) for table in self.tables.values() for c in table.columns.values())
        return len(self.scalars) + sum(cells)

    @property
    def answered(self) -> bool:
        """Return whether SNMP brought values."""
        return self.reason is Reason.OK


def as_text(value: SnmpValue | None) -> str:
    """Return an SNMP value as text: no control characters, undecodable bytes replaced."""
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(c if c.isprintable() else "\ufffd" for c in text.rstrip("\x00"))


def split_index(index: str, parts: Sequence[IndexPart]) -> tuple[str, ...] | None:
    """Return the parts of a row's index as label values, None when it has another shape."""
    numbers = index.split(".")
    if len(numbers) != sum(part.size for part in parts):
        return None
    values, at = [], 0
    for part in parts:
        values.append(".".join(numbers[at : at + part.size]))
        at += part.size
    return tuple(values)
