"""Keeps where each MAC address is plugged in, and which IP addresses it has, after a run.

The newest sight counts; an older one of another port stays beside it until it is too old or too
many, so that a station that was unplugged is still said to have been there, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from hatang import clock
from hatang.log import get_logger
from hatang.retention import Policy, keep
from inventory.discovery import cables, wiring
from inventory.models import Station, StationAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.db import Database, WriteSession
    from inventory.discovery.facts import Facts
    from inventory.discovery.known import Match

    Values = dict[str, Any]
    Table = type[Station] | type[StationAddress]

LOG: Final = get_logger(__name__)
KEPT: Final = 500_000
"""Rows of each table; beyond, the oldest go."""
OF_A_RUN: Final = 200_000
"""Rows a run writes to each table; beyond, the ports with the most addresses are left out."""
UNKNOWN: Final = "?"
"""Begins the key of a device that the inventory does not have."""
_AT_ONCE: Final = 500
_KEY: Final = 255

SIGHTS: Final = keep(
    Policy(
        name="inventory.stations",
        days=lambda settings: settings.retention.stations_days,
        key=Station.id,
        doomed=lambda before: Station.seen_at < before,
    )
)
ADDRESSES: Final = keep(
    Policy(
        name="inventory.station-addresses",
        days=lambda settings: settings.retention.stations_days,
        key=StationAddress.id,
        doomed=lambda before: StationAddress.seen_at < before,
    )
)


def record(db: Database, matches: Sequence[Match], root: int) -> None:
    """Write down where everybody was seen; `root` is the scope of what no unit owns."""
    sights = sorted(_sights(matches, root), key=lambda row: (row["count"], row["mac"]))
    told = {(row["address"], row["mac"], row["device_key"]): row for row in _told(matches, root)}
    _write(db, Station, sights)
    _write(db, StationAddress, list(told.values()))


def _sights(matches: Sequence[Match], root: int) -> Iterator[Values]:
    devices = [one.facts for one in matches]
    heard = [_heard(facts) for facts in devices]
    for mac, plug in cables.plugs(devices).items():
        behind = heard[plug.end.device].get(plug.end.port, "")
        yield {
            **_bearer(matches[plug.end.device], root),
            "mac": mac,
            "port": plug.end.port[:_KEY],
            "vlan": plug.vlan,
            "count": plug.crowd,
            "behind": behind if plug.crowd > 1 else "",
        }


def _heard(facts: Facts) -> dict[str, str]:
    """Return who was heard at each port, of several the first."""
    return {
        one.port: (one.name or one.chassis)[:_KEY]
        for one in reversed(facts.neighbours)
        if one.name or one.chassis
    }


def _told(matches: Sequence[Match], root: int) -> Iterator[Values]:
    for one in matches:
        facts, bearer = one.facts, _bearer(one, root)
        macs = {port.index: port.mac for port in facts.ports}
        own = ((held.address, macs.get(held.port_index, "")) for held in facts.addresses)
        for address, mac in (*facts.arp, *own):
            if mac and not address.startswith("127."):
                yield {**bearer, "address": address, "mac": mac}


def _bearer(one: Match, root: int) -> Values:
    if one.device is not None:
        return {"device_key": one.device.device_key, "scope_id": one.device.scope_id}
    return {"device_key": f"{UNKNOWN}{wiring.title(one)}"[:_KEY], "scope_id": root}


def _write(db: Database, table: Table, rows: Sequence[Values]) -> None:
    """Write rows a part a transaction; what was seen before gets a new time."""
    if len(rows) > OF_A_RUN:
        LOG.warning("kept %d of %d rows of %s", OF_A_RUN, len(rows), table.__tablename__)
        rows = rows[:OF_A_RUN]
    for start in range(0, len(rows), _AT_ONCE):
        with db.write() as session:
            _write_part(session, table, rows[start : start + _AT_ONCE])
    with db.write() as session:
        _cut(session, table)


def _write_part(session: WriteSession, table: Table, rows: Sequence[Values]) -> None:
    now, names = clock.now(), _names(table)
    columns = [getattr(table, name) for name in names]
    some = select(table.id, *columns).where(table.mac.in_({row["mac"] for row in rows}))
    held = {tuple(key): row_id for row_id, *key in session.execute(some)}
    fresh: list[Values] = []
    again: list[Values] = []
    for row in rows:
        row_id = held.get(tuple(row[name] for name in names))
        (fresh if row_id is None else again).append({"id": row_id, **row, "seen_at": now})
    if fresh:
        rows_of = [_without_id(row) for row in fresh]
        session.execute(insert(table).execution_options(render_nulls=True), rows_of)
    if again:
        session.execute(update(table), again)


def _names(table: Table) -> tuple[str, ...]:
    """Return the columns that together are a row's key."""
    if table is Station:
        return ("mac", "device_key", "port")
    return ("address", "mac", "device_key")


def _without_id(row: Values) -> Values:
    return {name: value for name, value in row.items() if name != "id"}


def _cut(session: WriteSession, table: Table) -> None:
    surplus = (session.scalar(select(func.count()).select_from(table)) or 0) - KEPT
    if surplus > 0:
        oldest = select(table.id).order_by(table.seen_at, table.id).limit(surplus)
        session.execute(delete(table).where(table.id.in_(oldest)))
