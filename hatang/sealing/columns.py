"""Which columns hold sealed values, so that rotation and the canary test miss none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

if TYPE_CHECKING:
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


def reseal(session: WriteSession, column: SealedColumn, key: MasterKey, rows: Rows) -> Resealed:
    """Seal with the current key what stands in some rows of `column` and was sealed with another.

    Raises:
        TamperedError: a value does not open; nothing is to be committed then.
    """
    identity = getattr(column.model, column.key)
    statement = select(column.model).order_by(identity).limit(rows.limit).with_for_update()
    if rows.after is not None:
        statement = statement.where(identity > rows.after)
    found = session.scalars(statement).all()
    count = sum(_reseal(row, column, key) for row in found)
    session.flush()
    return Resealed(count, getattr(found[-1], column.key) if found else None)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows: at most `limit` of those behind `after`, from the first one when it is None."""

    after: Any = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew, and the last row looked at; None behind the last one."""

    count: int
    last: Any


def _reseal(row: Base, column: SealedColumn, key: MasterKey) -> int:
    table, identity = row.__tablename__, getattr(row, column.key)
    value: Any = getattr(row, column.column)
    if value is None:
        return 0
    single = isinstance(value, str)
    values: dict[str, str] = {column.column: value} if single else value
    mark = f"v1:{key.current}:"
    fresh = dict(values)
    for field, sealed in values.items():
        where = place(table, identity, field)
        if not sealed.startswith(mark):
            fresh[field] = key.seal(key.unseal(sealed, where), where)
    if fresh != values:
        setattr(row, column.column, fresh[column.column] if single else fresh)
    return sum(fresh[field] != sealed for field, sealed in values.items())
