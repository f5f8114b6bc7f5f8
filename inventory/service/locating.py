"""Where a station is plugged in: by its MAC address, or by an IP address through ARP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select

from hatang import scope
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory.models import Device, Site, Station, StationAddress
from inventory.service.reading import READ

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from hatang.auth import Actor
    from hatang.db import AnySession

SHOWN: Final = 100
"""Places in an answer; a MAC address of a protocol (VRRP) may be everywhere."""
_OCTETS: Final = 6
_SEPARATED: Final = re.compile(r"[0-9A-Fa-f]{1,2}([:-][0-9A-Fa-f]{1,2}){5}")
_GROUPED: Final = re.compile(r"(?:[0-9A-Fa-f]{4}[.:-]?){2}[0-9A-Fa-f]{4}")


@dataclass(frozen=True, slots=True)
class Place:
    """A port where a MAC address was seen; `device` is None where no port is known.

    `device` is unknown to the inventory where `site` is None. Of `count` addresses learnt on the
    port it is one; `behind` is who else was heard there. `addresses` are all that ARP tells of it.
    """

    mac: str
    addresses: tuple[str, ...]
    device: str | None
    site: str | None
    port: str | None
    vlan: int | None
    count: int | None
    behind: str
    seen_at: datetime


def is_address(text: str) -> bool:
    """Return whether `text` is an IP or a MAC address."""
    return bool(_ip(text) or _mac(text))


def where_is(session: AnySession, actor: Actor, address: str) -> tuple[Place, ...]:
    """Return the ports where an IP or MAC address was seen, the newest sight first.

    A MAC address is taken in any notation: 00:19:56:ff:12:34, 0019.56ff.1234, 0019-56ff-1234.

    Raises:
        InvalidInputError: it is neither an IP nor a MAC address.
        NotFoundError: no device that the actor sees told of it.
    """
    acting = actor.acting(READ)
    ip, mac = _ip(address), _mac(address)
    if not ip and not mac:
        fix = "Write an IPv4 or IPv6 address, or a MAC address as 00:19:56:ff:12:34."
        raise InvalidInputError([Problem("request", "address", address[:80], "is none", fix)])
    sought = StationAddress.address == ip if ip else StationAddress.mac == mac
    told = _addresses(session, acting, sought)
    if ip and told:
        told = _addresses(session, acting, StationAddress.mac.in_({row[1] for row in told}))
    macs = {mac} if mac else {row[1] for row in told}
    found = _places(session, acting, macs, told)
    if not found:
        fix = "Run discovery over the switches and routers of its site."
        raise NotFoundError(f"nobody told of {ip or mac}", fix=fix)
    return found


def _addresses(
    session: AnySession, actor: Actor, sought: ColumnElement[bool]
) -> Sequence[tuple[str, str, datetime]]:
    t = StationAddress
    newest = func.max(t.seen_at).label("newest")
    statement = _joined(select(t.address, t.mac, newest), t, actor).where(sought)
    statement = statement.group_by(t.address, t.mac).order_by(newest.desc(), t.address)
    return [tuple(row) for row in session.execute(statement.limit(SHOWN))]


def _places(
    session: AnySession,
    actor: Actor,
    macs: set[str],
    told: Sequence[tuple[str, str, datetime]],
) -> tuple[Place, ...]:
    t = Station
    columns = select(
        t.mac, t.device_key, Device.name, Site.slug, t.port, t.vlan, t.count, t.behind, t.seen_at
    )
    statement = _joined(columns, t, actor).outerjoin(Site, Site.id == Device.site_id)
    statement = statement.where(t.mac.in_(macs)).order_by(t.seen_at.desc(), t.count, t.id)
    held: dict[str, list[str]] = {}
    for address, mac, _ in told:
        held.setdefault(mac, []).append(address)
    found = [
        Place(mac, tuple(held.get(mac, ())), name or key[1:], site, *rest)
        for mac, key, name, site, *rest in session.execute(statement.limit(SHOWN))
    ]
    placed = {one.mac for one in found}
    newest = {mac: at for _, mac, at in reversed(told)}
    for mac in held.keys() - placed:
        none = (None, None, None, None, None, "")
        found.append(Place(mac, tuple(held[mac]), *none, newest[mac]))
    return tuple(found)


def _joined(
    statement: Select[*tuple[Any, ...]], table: type[Station] | type[StationAddress], actor: Actor
) -> Select[*tuple[Any, ...]]:
    """Return the statement over what the actor may see: by the device, else by the row itself."""
    joined = statement.select_from(table).outerjoin(Device, Device.device_key == table.device_key)
    return joined.where(
        or_(
            scope.visible(actor, Device.scope_id),
            and_(Device.id.is_(None), scope.visible(actor, table.scope_id)),
        )
    )


def _ip(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""


def _mac(text: str) -> str:
    given = text.strip()
    if _SEPARATED.fullmatch(given):
        octets = re.split("[:-]", given)
        return ":".join(one.lower().zfill(2) for one in octets)
    if _GROUPED.fullmatch(given):
        digits = re.sub("[.:-]", "", given).lower()
        return ":".join(digits[at : at + 2] for at in range(0, 2 * _OCTETS, 2))
    return ""
