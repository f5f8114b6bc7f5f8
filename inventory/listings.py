"""The statement of each list: joined to the names people know, and what it can be asked by."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func

from inventory import rows
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.paths import Paths
from inventory.repository import Listing

if TYPE_CHECKING:
    from inventory.rows import Row

# Fields of a row that are no column: lists, read in statements of their own.
_LISTS: Final = {"runs_on", "depends_on", "virtual_machines"}
_INTERNAL: Final = {"id", "scope_id", "site_id", "device_id", "ports", "credentials", "aliases"}


def _listing(word: ElementKind, row: type[Row], **paths: str) -> Listing[Row]:
    """Return the list of `row`; `paths` give fields that are not the kind's own by their name."""
    kind = KINDS[word]
    joined = Paths(kind)
    names = [one.name for one in fields(row) if one.name not in _LISTS]  # type: ignore[arg-type]
    columns = {name: _column(joined, paths.get(name, name)) for name in names}
    return Listing(
        row,
        joined.select(columns.values()),
        columns["scope_id"],
        columns["id" if kind.single_key is None else kind.single_key],
        {name: column for name, column in columns.items() if name not in _INTERNAL},
        joined.column("search_text") if kind.searched else None,
        joined,
    )


def _column(joined: Paths, path: str) -> Any:
    """Return the column at `path`, or of two paths the first that says something."""
    first, *others = (joined.column(one) for one in path.split())
    return func.coalesce(func.nullif(first, ""), *others) if others else first


_K: Final = ElementKind
UNITS: Final = _listing(_K.UNIT, rows.UnitRow)
SITES: Final = _listing(_K.SITE, rows.SiteRow)
DEVICES: Final = _listing(
    _K.DEVICE,
    rows.DeviceRow,
    site_name="site.name",
    unit="site.unit",
    manufacturer="device_type.manufacturer",
    model="device_type.model",
)
INTERFACES: Final = _listing(_K.INTERFACE, rows.InterfaceRow)
LINKS: Final = _listing(
    _K.LINK,
    rows.LinkRow,
    a_device_id="a.device_id",
    a_device="a.device",
    a_interface="a.name",
    z_device_id="b.device_id",
    z_device="b.device",
    z_interface="b.name",
)
CIRCUITS: Final = _listing(
    _K.CIRCUIT, rows.CircuitRow, hotline="hotline provider.hotline", a_site="a", z_site="z"
)
SERVICES: Final = _listing(_K.SERVICE, rows.ServiceRow)
ROOMS: Final = _listing(_K.ROOM, rows.RoomRow, site_name="site.name")
BRIDGES: Final = _listing(_K.BRIDGE, rows.BridgeRow)
REGISTRARS: Final = _listing(_K.REGISTRAR, rows.RegistrarRow)
