"""Numbers of a column in as little room as a machine needs for them.

A dictionary holds 24 counters in 1.6 kB, and ten thousand devices have dozens of such columns. Here
the rows are shared by all columns that have the same, and the values are part of an array, which
all columns of an agent may share: 0.2 kB.
"""

from __future__ import annotations

from array import array
from collections.abc import ItemsView, Mapping, ValuesView
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, KeysView

    from hatang.drivers.values import SnmpValue


class PackedCells(Mapping[str, "SnmpValue"]):
    """Whole numbers of 64 bits by index, none below zero; nothing of it changes.

    They stand in `numbers` from `start` on.
    """

    __slots__ = ("numbers", "places", "start")

    def __init__(self, places: dict[str, int], numbers: array[int], start: int = 0) -> None:
        self.places = places
        self.numbers = numbers
        self.start = start

    def __getitem__(self, index: str) -> int:
        return self.numbers[self.start + self.places[index]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, index: object) -> bool:
        return index in self.places

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedCells):
            is_same = self.places is other.places or self.places == other.places
            return is_same and self.column() == other.column()
        return Mapping.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment] # as of every mapping

    def __repr__(self) -> str:
        return f"PackedCells({dict(self)!r})"

    def keys(self) -> KeysView[str]:
        """Return the indexes."""
        return self.places.keys()

    def items(self) -> ItemsView[str, SnmpValue]:
        """Return indexes with their values."""
        return _Items(self)

    def values(self) -> ValuesView[SnmpValue]:
        """Return the values."""
        return _Values(self)

    def column(self) -> array[int]:
        """Return the values alone."""
        return self.numbers[self.start : self.start + len(self.places)]

    def move(self, numbers: array[int], start: int) -> None:
        """Let the same values stand somewhere else from now on."""
        self.numbers = numbers
        self.start = start


class _Items(ItemsView[str, "SnmpValue"]):
    """The inherited one makes two calls of each item."""

    _mapping: PackedCells

    def __iter__(self) -> Iterator[tuple[str, SnmpValue]]:
        return zip(self._mapping.places, self._mapping.column(), strict=True)


class _Values(ValuesView["SnmpValue"]):
    _mapping: PackedCells

    def __iter__(self) -> Iterator[SnmpValue]:
        return iter(self._mapping.column())


Cells: TypeAlias = "dict[str, SnmpValue] | PackedCells"
"""Values of one column by index."""


def packed(cells: Cells) -> Cells:
    """Return cells in less room, the same ones where they are not all whole numbers."""
    values = [value for value in cells.values() if value.__class__ is int]
    if not values or len(values) != len(cells) or isinstance(cells, PackedCells):
        return cells
    try:
        return PackedCells(_places(tuple(cells)), array("Q", values))
    except OverflowError:
        return cells


@lru_cache(maxsize=4096)
def _places(rows: tuple[str, ...]) -> dict[str, int]:
    """Return where each row stands; shared by all columns with the same rows."""
    return {index: place for place, index in enumerate(rows)}
