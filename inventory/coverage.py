"""How much of a province is covered, counted from its rows: never typed, always within a scope.

A figure says what there is and of how many; what is missing is named. Of nothing there is no
coverage: zero of zero is unknown, not complete.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import scope
from inventory.choices import ElementKind, SiteKind, SiteStatus, UnitKind
from inventory.models import Certificate, Circuit, Contact, Room, Service, Site
from inventory.reorganisation import history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from sqlalchemy.orm import InstrumentedAttribute

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import UnitRow

SOON: Final = timedelta(days=30)
NAMED: Final = 20
DESK: Final = "one-stop-desk"
INTERNET: Final = "internet"
_ACTIVE: Final = SiteStatus.ACTIVE.value
_DEPARTMENTS: Final = frozenset({UnitKind.DEPARTMENT.value})
_COMMUNES: Final = frozenset(
    {UnitKind.COMMUNE.value, UnitKind.WARD.value, UnitKind.SPECIAL_ZONE.value}
)
_OTHERS: Final = frozenset({UnitKind.UNIT.value})


@dataclass(frozen=True, slots=True)
class Figure:
    """`have` of so many, `total` None for a plain count; `missing` names the first few lacking."""

    code: str
    have: int
    total: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool | None:
        """Whether nothing is missing; None where there is nothing to cover."""
        return None if not self.total else self.have == self.total


@dataclass(slots=True)
class _Rows:
    """What an actor sees of a province on a day, small columns only; units by code as of then."""

    units: dict[str, UnitRow]
    site_units: dict[str, str]
    service_units: dict[str, str]
    sites: dict[int, Any]
    circuits: list[Any]
    services: list[Any]
    rooms: list[Any]
    callable_contacts: set[int]
    certificates: list[Any]

    def codes(self, kinds: frozenset[str]) -> set[str]:
        """Return the units of these kinds."""
        return {unit.code for unit in self.units.values() if unit.kind in kinds}

    def unit_of(self, site_id: int) -> UnitRow | None:
        """Return whose site this was, None where it is not active or nobody's in sight."""
        site = self.sites.get(site_id)
        return None if site is None else self.units.get(self.site_units.get(site.slug, ""))

    def units_of_sites(self, sites: Iterable[int]) -> set[str]:
        """Return whose sites these were."""
        return {unit.code for one in sites if (unit := self.unit_of(one)) is not None}

    def placed(self, kinds: frozenset[str]) -> set[str]:
        """Return the units of these kinds that have a site: the others are only a level."""
        return self.codes(kinds) & self.units_of_sites(self.sites)


def figures(session: AnySession, actor: Actor, on: date) -> tuple[Figure, ...]:
    """Return every figure for what the actor sees.

    Units are those of the day, and sites and services belong to whom they belonged then; circuits,
    rooms, and what stands at a site are counted as they are known now.
    """
    rows = _load(session, actor, on)
    return (*_wan(rows), *_internet(rows), *_desks(rows), *_points(rows), *_certificates(rows, on))


def _load(session: AnySession, actor: Actor, on: date) -> _Rows:
    def read(*columns: InstrumentedAttribute[Any]) -> list[Any]:
        seen = scope.visible(actor, columns[0].class_.scope_id)
        return list(session.execute(select(*columns).where(seen)))

    sites = read(Site.id, Site.slug, Site.kind, Site.status, Site.phone)
    return _Rows(
        units={row.code: row for row in history.units_as_of(session, actor, on)},
        site_units=history.owners_as_of(session, actor, ElementKind.SITE, on),
        service_units=history.owners_as_of(session, actor, ElementKind.SERVICE, on),
        sites={row.id: row for row in sites if row.status == _ACTIVE},
        circuits=read(
            Circuit.a_site_id,
            Circuit.z_site_id,
            Circuit.status,
            Circuit.type,
            Circuit.domestic_rate_kbps,
            Circuit.international_rate_kbps,
        ),
        services=read(Service.code, Service.kind, Service.status),
        rooms=read(Room.code, Room.site_id, Room.contact_phone, Room.contact_id),
        callable_contacts={
            row.id
            for row in read(Contact.id, Contact.phone, Contact.mobile)
            if row.phone or row.mobile
        },
        certificates=read(Certificate.not_after),
    )


def _covered(code: str, wanted: set[str], having: set[str]) -> Figure:
    lacking = sorted(wanted - having)
    return Figure(code, len(wanted & having), len(wanted), tuple(lacking[:NAMED]))


def _by_level(what: str, rows: _Rows, having: set[str]) -> list[Figure]:
    return [
        _covered(f"departments_{what}", rows.codes(_DEPARTMENTS), having),
        _covered(f"other_units_{what}", rows.placed(_OTHERS), having),
        _covered(f"communes_{what}", rows.codes(_COMMUNES), having),
    ]


def _wan(rows: _Rows) -> list[Figure]:
    lines = [row for row in rows.circuits if row.status == _ACTIVE and row.type != INTERNET]
    ends = {end for row in lines for end in (row.a_site_id, row.z_site_id)} & rows.sites.keys()
    centre = {one for one, row in rows.sites.items() if row.kind == SiteKind.DATACENTRE}
    return [
        *_by_level("on_wan", rows, rows.units_of_sites(ends)),
        Figure("wan_sites", len(ends - centre)),
    ]


def _internet(rows: _Rows) -> list[Figure]:
    lines = [row for row in rows.circuits if row.status == _ACTIVE]
    found = []
    for name in ("domestic_rate_kbps", "international_rate_kbps"):
        rates = [rate for row in lines if (rate := getattr(row, name)) is not None]
        if rates:
            found.append(Figure(f"internet_{name.removesuffix('_rate_kbps')}", sum(rates)))
    return found


def _desks(rows: _Rows) -> list[Figure]:
    desks = [row for row in rows.services if row.kind == DESK and row.status == _ACTIVE]
    having = {rows.service_units[row.code] for row in desks if row.code in rows.service_units}
    _, others, communes = _by_level("with_desk", rows, having)
    return [others, communes, Figure("desks", len(desks))]


def _points(rows: _Rows) -> list[Figure]:
    at: dict[bool, int] = defaultdict(int)
    with_phone: set[str] = set()
    for room in rows.rooms:
        site, unit = rows.sites.get(room.site_id), rows.unit_of(room.site_id)
        at[unit is not None and unit.kind in _COMMUNES] += 1
        on_the_spot = site is not None and bool(site.phone)
        if room.contact_phone or on_the_spot or room.contact_id in rows.callable_contacts:
            with_phone.add(room.code)
    having = rows.units_of_sites(room.site_id for room in rows.rooms)
    return [
        Figure("points", len(rows.rooms)),
        Figure("points_above_communes", at[False]),
        Figure("points_at_communes", at[True]),
        _covered("points_with_phone", {room.code for room in rows.rooms}, with_phone),
        _covered("communes_with_point", rows.codes(_COMMUNES), having),
    ]


def _certificates(rows: _Rows, on: date) -> list[Figure]:
    ends = [row.not_after for row in rows.certificates]
    count: Callable[[Iterable[bool]], int] = sum
    return [
        Figure("certificates", len(ends)),
        Figure("certificates_expiring", count(on <= end <= on + SOON for end in ends)),
        Figure("certificates_expired", count(end < on for end in ends)),
    ]
