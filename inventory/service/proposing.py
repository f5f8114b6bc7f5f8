"""The services of a province's own, proposed from the catalogue as a file to read and import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.errors import InvalidInputError, Problem
from inventory import catalogue
from inventory.catalogue import Per
from inventory.choices import UnitKind
from inventory.rows import EVERYTHING
from inventory.schemas import VERSION
from inventory.service.reading import list_services, list_units

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.catalogue import System
    from inventory.rows import UnitRow

_KINDS: Final = {
    Per.DEPARTMENT: frozenset({UnitKind.DEPARTMENT}),
    Per.COMMUNE: frozenset({UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE}),
}
# Only these are what the inventory keeps as a service's address; the others wait for a device.
_ADDRESSES: Final = ("http://", "https://")


def propose_services(session: AnySession, actor: Actor, unit: str, domain: str) -> str:
    """Return an inventory file with the catalogue's services that the province does not have yet.

    `unit` is the code of the unit that answers for what the province has once; what each
    department or commune has belongs to that unit. Addresses are usual ones under `domain`: they
    are to be corrected in the file before it is imported.

    Raises:
        InvalidInputError: there is no such unit.
    """
    units = list_units(session, actor, EVERYTHING).items
    if unit not in {row.code for row in units}:
        problem = Problem("request", "unit", unit, "names no unit", "Give a unit's code.")
        raise InvalidInputError([problem])
    held = {row.code for row in list_services(session, actor, EVERYTHING).items}
    rows = [
        row for system in catalogue.systems().values() for row in _rows(system, units, unit, domain)
    ]
    wanted = [row for row in rows if row["code"] not in held]
    known = {row["code"] for row in wanted} | held
    for row in wanted:
        row["depends_on"] = [code for code in row["depends_on"] if code in known]
    document = {"version": VERSION, "services": wanted}
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100))


def _rows(
    system: System, units: Collection[UnitRow], unit: str, domain: str
) -> list[dict[str, Any]]:
    if system.per is Per.PROVINCE:
        return [_row(system, system.code, system.name.vi, (unit, domain))]
    return [
        _row(
            system, f"{system.code}/{one.code}", f"{system.name.vi}: {one.name}", (one.code, domain)
        )
        for one in units
        if one.kind in _KINDS[system.per] and one.valid_to is None
    ]


def _row(system: System, code: str, name: str, place: tuple[str, str]) -> dict[str, Any]:
    unit, domain = place
    row: dict[str, Any] = {"code": code, "name": name, "kind": system.kind, "unit": unit}
    url = (system.where or "").format(domain=domain, unit=unit)
    if url.startswith(_ADDRESSES) and not catalogue.owners()[system.owner].external:
        row["url"] = url
    if system.level is not None:
        row["level"] = system.level
    row["depends_on"] = list(system.depends_on)
    return row
