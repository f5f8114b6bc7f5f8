"""Until which poll an agent is asked for the same: when the next slow column or table is due."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from monitors.walking import EMPTY_EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hatang.drivers.snmp import Query, Reading
    from monitors.modules.plan import ColumnPlan
    from monitors.walking import TablePoll

ABSENT_EVERY: Final = 10
"""How often a scalar is asked for that the agent never gave."""


class NotSteady(Exception):  # noqa: N818 - no failure: the next poll is looked at in whole
    """Something was asked for that will not be asked for next time."""


def quiet_until(known: tuple[Mapping[str, int], int, int], columns: Iterator[ColumnPlan]) -> int:
    """Return the first poll at which one of `columns` is due; those of each poll are passed over.

    `known` is when each was read, the poll that is now, and what spreads them over polls.

    Raises:
        NotSteady: one was read now that will not be read next time, or is not known at all.
    """
    read, now, salt = known
    until = now + EMPTY_EVERY
    for column in columns:
        at = read.get(column.name)
        if at is None or at == now:
            raise NotSteady
        until = min(until, at + column.every, now + column.every - (now + salt) % column.every)
    return until


def table_until(table: TablePoll, reading: Reading, places: dict[str, tuple[str, str]]) -> int:
    """Return until which poll a table is asked for the same, and put the columns into `places`.

    Raises:
        NotSteady: something of it is in doubt, or what is shown is not what was read.
    """
    planned, known, account = table.planned, table.known, table.account
    if known.shunned or known.is_cut or known.walked is None:
        raise NotSteady
    moment = known.read, account.now, account.salt
    if not known.rows:
        return _empty_until(table, places)
    for column in planned.columns:
        if column.every > 1:
            continue
        sources, shown = known.sources.get(column.name), known.columns.get(column.name)
        if sources != () and (sources != (column.oid,) or column.oid in places):
            raise NotSteady
        if sources:
            if shown is not reading.columns[column.oid].cells:
                raise NotSteady
            places[column.oid] = planned.table.name, column.name
    return quiet_until(moment, (column for column in planned.columns if column.every > 1))


def _empty_until(table: TablePoll, places: dict[str, tuple[str, str]]) -> int:
    planned, known, account = table.planned, table.known, table.account
    key, now = planned.key, account.now
    if planned.table.rows != "dynamic":
        if known.walked is None or known.walked == now:
            raise NotSteady
        return known.walked + max(EMPTY_EVERY, key.every)
    if key.every > 1:
        return quiet_until((known.read, now, account.salt), iter((key,)))
    for column in table.keys:
        if known.sources.get(column.name) is not None:
            raise NotSteady
        places[column.oid] = planned.table.name, column.name
    return now + EMPTY_EVERY


@lru_cache(maxsize=1024)
def same_query(query: Query) -> Query:
    """Return the one query of those that are equal."""
    return query


@lru_cache(maxsize=1024)
def same_places(places: tuple[tuple[str, tuple[str, str]], ...]) -> Mapping[str, tuple[str, str]]:
    """Return the one mapping of those that are equal."""
    return dict(places)
