"""Puts many rows into a table at once, as fast as each database takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from hatang.db import Base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

    from hatang.db import WriteSession
    from inventory.choices import ElementKind
    from inventory.kinds.kind import Kind


def new_ids(session: WriteSession, kind: Kind, count: int) -> Sequence[int]:
    """Return ids for `count` new elements, so that nobody asks for them row by row.

    No id comes twice: what is kept of a removed element by its id is never another's.
    """
    model = kind.model
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
        each = func.generate_series(1, count).alias("each")
        return session.scalars(select(func.nextval(sequence)).select_from(each)).all()
    ids = [select(func.max(model.__table__.c.id)), *_mentions(kind.kind)]
    last = max(session.scalar(one) or 0 for one in ids)
    return range(last + 1, last + 1 + count)


def _mentions(word: ElementKind) -> Iterator[Select[tuple[int]]]:
    """Yield the highest id of a kind's elements in each table that names elements by it."""
    for table in Base.metadata.tables.values():
        named = [name for name in ("element_kind", "kind") if name in table.c]
        if "element_id" in table.c and named:
            highest = select(func.max(table.c.element_id))
            yield highest.where(table.c[named[0]] == word.value)


def insert_rows(session: WriteSession, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert `rows`, all with the same columns, none left to a default."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, model, rows)
    else:
        connection.execute(insert(model), rows)


def _copy(connection: Connection, model: type[Base], rows: list[dict[str, Any]]) -> None:
    table, dialect = model.__table__, connection.dialect
    quote = dialect.identifier_preparer.quote
    names = list(rows[0])
    kept = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    columns = ", ".join(quote(name) for name in names)
    statement = f"COPY {quote(model.__tablename__)} ({columns}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                [
                    row[name] if keep is None else keep(row[name])
                    for name, keep in zip(names, kept, strict=True)
                ]
            )
