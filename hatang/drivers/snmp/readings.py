"""What one poll asks of an agent, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.drivers.snmp.codec import Column
    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.packed import Cells
    from hatang.drivers.values import SnmpValue


class Kind(IntEnum):
    """The type of a value by its tag (RFC 2578 section 7.1; RFC 2579 for Opaque's use)."""

    NONE = 0
    INTEGER = 0x02
    BITS = 0x03
    OCTET_STRING = 0x04
    OBJECT_ID = 0x06
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIME_TICKS = 0x43
    OPAQUE = 0x44
    NSAP_ADDRESS = 0x45
    COUNTER64 = 0x46
    UNSIGNED32 = 0x47


@dataclass(frozen=True, slots=True)
class Query:
    """`scalars` are whole instances; each of `tables` is columns that are walked together.

    With `repeats` the same will be asked again and again: the answers are kept as they came, so
    that of the next only what differs is read. A column in which nothing does has the same cells
    object as before.
    """

    scalars: tuple[str, ...] = ()
    tables: tuple[tuple[str, ...], ...] = ()
    repeats: bool = False


_NUMBERS: Final = count(1)


class Reading:
    """The scalars the agent has, every column asked for, and scalars it failed to tell.

    Where nothing but values differs from the reading of the same query that has the number
    `after`, `renewed` are the cells, by column, in which one does. `columns` are made when first
    asked for where `lend` makes them.
    """

    __slots__ = ("_columns", "_lend", "after", "gaps", "number", "renewed", "scalars")

    def __init__(
        self,
        scalars: dict[str, SnmpValue] | None = None,
        columns: dict[str, Column] | None = None,
        gaps: dict[str, Gap] | None = None,
        *,
        renewed: dict[str, Cells] | None = None,
        after: int = 0,
        lend: Callable[[], dict[str, Column]] = dict,
    ) -> None:
        self.scalars: dict[str, SnmpValue] = {} if scalars is None else scalars
        self.gaps: dict[str, Gap] = {} if gaps is None else gaps
        self.renewed = renewed
        self.after = after
        self.number = next(_NUMBERS)
        self._columns = columns
        self._lend = lend

    @property
    def columns(self) -> dict[str, Column]:
        """Return every column that was asked for, by name."""
        if self._columns is None:
            self._columns = self._lend()
        return self._columns

    def __bool__(self) -> bool:
        """Whether anything at all was read."""
        return bool(self.scalars) or any(column.cells for column in self.columns.values())

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return not self.gaps and all(column.gap is None for column in self.columns.values())
