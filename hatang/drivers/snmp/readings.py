"""What one poll asks of an agent, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hatang.drivers.snmp.codec import Column
    from hatang.drivers.snmp.gaps import Gap
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


@dataclass(slots=True)
class Reading:
    """The scalars the agent has, every column asked for, and scalars it failed to tell."""

    scalars: dict[str, SnmpValue] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything at all was read."""
        return bool(self.scalars) or any(column.cells for column in self.columns.values())

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return not self.gaps and all(column.gap is None for column in self.columns.values())
