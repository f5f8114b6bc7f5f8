"""Which columns hold sealed values, so that rotation and the canary test miss none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Base, WriteSession
    from hatang.sealing.master_key import MasterKey


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose text, or whose JSON object's every value, is sealed to table:id:field."""

    model: type[Base]
    key: str
    column: str


SEALED: Final[list[SealedColumn]] = []


def declare(model: type[Base], key: str, column: str) -> None:
    """Say that `column` of `model`, whose rows are told apart by `key`, holds sealed values."""
    SEALED.append(SealedColumn(model, key, column))


def place(table: str, row: object, field: str) -> str:
    """Return the associated data of a value: a value moved elsewhere does not open."""
    return f"{table}:{row}:{field}"


def reseal_all(session: WriteSession, old: MasterKey, new: MasterKey) -> int:
    """Open every sealed value with `old` and seal it with `new`; return how many there were.

    Raises:
        TamperedError: a value does not open; nothing is to be committed then.
    """
    count = 0
    for column in SEALED:
        for row in session.scalars(select(column.model)):
            for value in _reseal(row, column, old, new):
                count += value
    session.flush()
    return count


def _reseal(row: Base, column: SealedColumn, old: MasterKey, new: MasterKey) -> Iterator[int]:
    table, identity = row.__tablename__, getattr(row, column.key)
    value: Any = getattr(row, column.column)
    if value is None:
        return

    def again(sealed: str, field: str) -> str:
        where = place(table, identity, field)
        return new.seal(old.unseal(sealed, where), where)

    if isinstance(value, str):
        setattr(row, column.column, again(value, column.column))
        yield 1
        return
    setattr(row, column.column, {field: again(sealed, field) for field, sealed in value.items()})
    yield len(value)
