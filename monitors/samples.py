"""What one poll brought home, and the reading of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hatang.drivers.snmp.packed import Cells
from hatang.errors import Reason
from monitors.modules.expressions import as_text
from monitors.modules.indexes import split_index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.drivers.protocols import SnmpValue

__all__ = ["Cells", "PollSample", "Renewed", "TableSample", "as_text", "split_index"]


Renewed: TypeAlias = "Cells | None"


@dataclass(slots=True)
class TableSample:
    """The cells of one table by column name; rows may lack cells."""

    columns: Mapping[str, Cells] = field(default_factory=dict)

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

    `reason` says how the SNMP part ended; None when the device was not asked by SNMP. `gaps` are
    the tables and columns (`table.column`) that were asked for in vain, each with its reason.
    `values` is how many were read now; those carried from an earlier poll are not among them.
    Where only values differ from the poll with the number `after`, `renewed` are those, by name
    of column or scalar; of a scalar it is None.
    """

    at: datetime
    reachable: bool
    rtt_seconds: float | None = None
    reason: Reason | None = None
    duration_seconds: float = 0.0
    scalars: Mapping[str, SnmpValue] = field(default_factory=dict)
    tables: dict[str, TableSample] = field(default_factory=dict)
    gaps: Mapping[str, Reason] = field(default_factory=dict)
    values: int = 0
    number: int = 0
    after: int = 0
    renewed: Mapping[str, Renewed] | None = None

    @property
    def answered(self) -> bool:
        """Return whether SNMP brought values."""
        return self.reason is Reason.OK
