"""Numbers of a column in as little room as a machine needs for them.

A dictionary holds 24 counters in 1.6 kB, and ten thousand devices have dozens of such columns. Here
the rows are shared by all columns that have the same, and the values are an array: 0.3 kB.
"""

from __future__ import annotations

from array import array
from collections.abc import ItemsView, MutableMapping, ValuesView
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, KeysView

    from hatang.drivers.values import SnmpValue


class PackedCells(MutableMapping[str, "SnmpValue"]):
    """Whole numbers by index, none below zero; rows neither come nor go.

    One that the array has no room for raises OverflowError, what is no whole number TypeError.
    """

    __slots__ = ("_numbers", "_places")

    def __init__(self, places: dict[str, int], numbers: array[int]) -> None:
        self._places = places
        self._numbers = numbers

    def __getitem__(self, index: str) -> int:
        return self._numbers[self._places[index]]

    def __setitem__(self, index: str, value: SnmpValue) -> None:
        self._numbers[self._places[index]] = value  # type: ignore[assignment] # it says TypeError

    def __delitem__(self, index: str) -> NoReturn:
        raise TypeError("rows of packed cells do not go")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, index: object) -> bool:
        return index in self._places

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedCells):
            is_same = self._places is other._places or self._places == other._places
            return is_same and self._numbers == other._numbers
        return MutableMapping.__eq__(self, other)

    __hash__ = None  # type: ignore[assignment] # as of every mapping that changes

    def __repr__(self) -> str:
        return f"PackedCells({dict(self)!r})"

    def keys(self) -> KeysView[str]:
        """Return the indexes."""
        return self._places.keys()

    def items(self) -> ItemsView[str, SnmpValue]:
        """Return indexes with their values."""
        return _Items(self)

    def values(self) -> ValuesView[SnmpValue]:
        """Return the values."""
        return _Values(self)

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Yield indexes with their values."""
        return zip(self._places, self._numbers, strict=True)

    def numbers(self) -> Iterator[int]:
        """Yield the values."""
        return iter(self._numbers)

    def opened(self) -> tuple[dict[str, int], array[int]]:
        """Return where each row stands, and the values."""
        return self._places, self._numbers

    def copy(self) -> PackedCells:
        """Return the same cells, to be changed."""
        return PackedCells(self._places, self._numbers[:])


class _Items(ItemsView[str, "SnmpValue"]):
    """The inherited one makes two calls of each item."""

    _mapping: PackedCells

    def __iter__(self) -> Iterator[tuple[str, SnmpValue]]:
        return self._mapping.pairs()


class _Values(ValuesView["SnmpValue"]):
    _mapping: PackedCells

    def __iter__(self) -> Iterator[SnmpValue]:
        return self._mapping.numbers()


Cells: TypeAlias = "dict[str, SnmpValue] | PackedCells"
"""Values of one column by index."""


def opened(cells: Cells) -> tuple[dict[str, int] | None, dict[str, SnmpValue] | array[int]]:
    """Return where values are to be put, and where in it each stands unless by its index.

    Many values are put there; a call for each costs three times as much.
    """
    if isinstance(cells, PackedCells):
        return cells.opened()
    return None, cells


def packed(cells: Cells) -> Cells:
    """Return cells in less room, the same ones where they are not all whole numbers."""
    values = [value for value in cells.values() if value.__class__ is int]
    if not values or len(values) != len(cells):
        return cells
    for kind in ("I", "Q"):
        try:
            numbers = array(kind, values)
        except OverflowError:
            continue
        return PackedCells(_places(tuple(cells)), numbers)
    return cells


@lru_cache(maxsize=4096)
def _places(rows: tuple[str, ...]) -> dict[str, int]:
    """Return where each row stands; shared by all columns with the same rows."""
    return {index: place for place, index in enumerate(rows)}
