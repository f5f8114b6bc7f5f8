"""Writes a plan into the caller's transaction, a whole kind at a time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select, update

from hatang import scope
from hatang.drivers import hostkeys
from inventory.choices import ElementKind
from inventory.models import (
    Bridge,
    Circuit,
    Device,
    DeviceType,
    Field,
    Interface,
    Link,
    Manufacturer,
    Provider,
    Registrar,
    Room,
    Service,
    ServiceDependency,
    ServiceDevice,
    Site,
    Unit,
)
from inventory.scoping import Scopes, scopes
from inventory.snapshot import ssh_address
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import Base, WriteSession
    from inventory.planning import ImportPlan, PlannedRow
    from inventory.records import Fields
    from inventory.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the fields of a kind go: `key` holds the natural key, `references` hold ids."""

    model: type[Base]
    plain: tuple[str, ...] = ()
    references: dict[str, tuple[str, ElementKind]] = field(default_factory=dict)
    key: str | None = None
    searched: tuple[str, ...] = ()


_K: Final = ElementKind
_TABLES: Final = {
    _K.UNIT: _Table(
        Unit,
        ("name", "kind", "valid_from", "valid_to"),
        {"parent": ("parent_id", _K.UNIT)},
        "code",
        ("name",),
    ),
    _K.SITE: _Table(
        Site,
        ("name", "kind", "status", "address", "latitude", "longitude", "people"),
        {"unit": ("unit_id", _K.UNIT)},
        "slug",
        ("name", "address"),
    ),
    _K.MANUFACTURER: _Table(Manufacturer, key="name"),
    _K.DEVICE_TYPE: _Table(
        DeviceType, ("model",), {"manufacturer": ("manufacturer_id", _K.MANUFACTURER)}
    ),
    _K.DEVICE: _Table(
        Device,
        (
            "device_key",
            "role",
            "platform",
            "status",
            "primary_ip4",
            "serial",
            "ports",
            "credentials",
        ),
        {"site": ("site_id", _K.SITE), "device_type": ("device_type_id", _K.DEVICE_TYPE)},
        "name",
        ("primary_ip4", "serial"),
    ),
    _K.INTERFACE: _Table(Interface, ("name", "description"), {"device": ("device_id", _K.DEVICE)}),
    _K.PROVIDER: _Table(Provider, ("hotline",), key="name"),
    _K.CIRCUIT: _Table(
        Circuit,
        ("commit_rate_kbps", "status"),
        {
            "provider": ("provider_id", _K.PROVIDER),
            "a": ("a_site_id", _K.SITE),
            "z": ("z_site_id", _K.SITE),
        },
        "cid",
    ),
    _K.LINK: _Table(
        Link,
        (),
        {
            "a": ("a_interface_id", _K.INTERFACE),
            "b": ("z_interface_id", _K.INTERFACE),
            "circuit": ("circuit_id", _K.CIRCUIT),
        },
    ),
    _K.SERVICE: _Table(
        Service,
        ("name", "kind", "url", "level"),
        {"unit": ("unit_id", _K.UNIT)},
        "code",
        ("name",),
    ),
    _K.ROOM: _Table(
        Room,
        ("name", "sip_uri", "contact_phone"),
        {"site": ("site_id", _K.SITE)},
        "code",
        ("name",),
    ),
    _K.BRIDGE: _Table(
        Bridge,
        ("name", "driver", "url", "admin_url", "credential", "capacity_ports"),
        {"device": ("device_id", _K.DEVICE)},
        "code",
    ),
    _K.REGISTRAR: _Table(
        Registrar, ("url", "domain", "credential"), {"device": ("device_id", _K.DEVICE)}, "code"
    ),
}
_DEFAULTS: Final[Fields] = {
    "status": "active",
    "address": "",
    "description": "",
    "hotline": "",
    "serial": "",
    "ports": {},
    "credentials": {},
}


@dataclass(slots=True)
class _Work:
    """One plan being written over one snapshot; `everything` is the state it leads to."""

    session: WriteSession
    plan: ImportPlan
    snapshot: Snapshot
    everything: dict[ElementKind, dict[str, Fields]]
    scopes: Scopes = field(default_factory=dict)

    def created(self, kind: ElementKind) -> list[PlannedRow]:
        return [row for row in self.plan.created if row.kind is kind]

    def changed(self, kind: ElementKind) -> list[PlannedRow]:
        return [row for row in self.plan.changed if row.kind is kind]

    def id_of(self, kind: ElementKind, key: str | None) -> int | None:
        return None if key is None else self.snapshot.ids[kind][key]


def model_of(kind: ElementKind) -> type[Base]:
    """Return the table of `kind`."""
    return _TABLES[kind].model


def write(session: WriteSession, plan: ImportPlan, snapshot: Snapshot, by: str) -> None:
    """Write `plan`, made from `snapshot` in this very transaction; `by` enrols the host keys."""
    work = _Work(session, plan, snapshot, _merged(plan, snapshot))
    _write_units(work)
    work.scopes = scopes(work.everything, snapshot.scope_ids[_K.UNIT])
    for kind in ElementKind:
        if kind is not _K.UNIT:
            _insert(work, kind)
            _update(work, kind)
    _rescope(work)
    _write_service_joins(work)
    _enrol_host_keys(work, by)
    _restate_intent(work)


def _merged(plan: ImportPlan, snapshot: Snapshot) -> dict[ElementKind, dict[str, Fields]]:
    merged = {kind: dict(rows) for kind, rows in snapshot.fields.items()}
    for row in (*plan.created, *plan.changed):
        rows = merged.setdefault(row.kind, {})
        after = {name: difference.after for name, difference in row.fields.items()}
        rows[row.key] = rows.get(row.key, {}) | after
    return merged


def _write_units(work: _Work) -> None:
    """Write units parents first: each brings its scope, which hangs under the parent's."""
    scope_ids, waiting = work.snapshot.scope_ids[_K.UNIT], work.created(_K.UNIT)
    while waiting:
        later = []
        for row in waiting:
            fields = work.everything[_K.UNIT][row.key]
            parent = fields.get("parent")
            if parent is not None and parent not in scope_ids:
                later.append(row)
                continue
            above = None if parent is None else scope_ids[parent]
            scope_ids[row.key] = scope.add(work.session, above)
            values = {**_columns(work, row.kind, row.key, fields), "scope_id": scope_ids[row.key]}
            unit = Unit(**values)
            work.session.add(unit)
            work.session.flush()
            work.snapshot.ids[_K.UNIT][row.key] = unit.id
        waiting = later
    for row in work.changed(_K.UNIT):
        if "parent" in row.fields:
            parent = row.fields["parent"].after
            above = None if parent is None else scope_ids[parent]
            scope.move(work.session, scope_ids[row.key], above)
    _update(work, _K.UNIT)


def _columns(work: _Work, kind: ElementKind, key: str, fields: Fields) -> dict[str, Any]:
    table = _TABLES[kind]
    values = {name: fields.get(name, _DEFAULTS.get(name)) for name in table.plain}
    for name, (column, target) in table.references.items():
        values[column] = work.id_of(target, fields.get(name))
    if table.key is not None:
        values[table.key] = key
    if table.searched:
        values["search_text"] = fold(key, *(fields.get(name) for name in table.searched))
    return values


def _insert(work: _Work, kind: ElementKind) -> None:
    created, model = work.created(kind), _TABLES[kind].model
    if not created:
        return
    rows = [_columns(work, kind, row.key, work.everything[kind][row.key]) for row in created]
    for row, values in zip(created, rows, strict=True):
        if kind in work.scopes:
            values["scope_id"] = work.scopes[kind][row.key]
        if kind is _K.DEVICE and values["device_key"] is None:
            values["device_key"] = str(uuid.uuid4())
    identifier = model.__table__.c.id
    statement = insert(model).returning(identifier, sort_by_parameter_order=True)
    ids = work.session.scalars(statement, rows).all()
    for row, element_id in zip(created, ids, strict=True):
        work.snapshot.ids[kind][row.key] = element_id


def _update(work: _Work, kind: ElementKind) -> None:
    rows = [
        {
            "id": work.snapshot.ids[kind][row.key],
            **_columns(work, kind, row.key, work.everything[kind][row.key]),
        }
        for row in work.changed(kind)
    ]
    if rows and len(rows[0]) > 1:
        work.session.execute(update(_TABLES[kind].model), rows)


def _rescope(work: _Work) -> None:
    """Move what stood before to the scopes it has now: a site may have changed its unit."""
    for kind, before in work.snapshot.scope_ids.items():
        moved = [
            {"id": work.snapshot.ids[kind][key], "scope_id": work.scopes[kind][key]}
            for key, scope_id in before.items()
            if kind in work.scopes and work.scopes[kind][key] != scope_id
        ]
        if not moved:
            continue
        work.session.execute(update(_TABLES[kind].model), moved)
        for row in moved:
            element = (Field.kind == kind.value, Field.element_id == row["id"])
            work.session.execute(update(Field).where(*element).values(scope_id=row["scope_id"]))


def _write_service_joins(work: _Work) -> None:
    joins = (
        ("runs_on", ServiceDevice, "device_id", _K.DEVICE),
        ("depends_on", ServiceDependency, "depends_on_id", _K.SERVICE),
    )
    services = [*work.created(_K.SERVICE), *work.changed(_K.SERVICE)]
    for name, model, column, target in joins:
        touched = [row for row in services if name in row.fields]
        owner = model.__table__.c.service_id
        ids = [work.snapshot.ids[_K.SERVICE][row.key] for row in touched]
        work.session.execute(delete(model).where(owner.in_(ids)))
        rows = [
            {"service_id": service_id, column: work.id_of(target, key)}
            for row, service_id in zip(touched, ids, strict=True)
            for key in row.fields[name].after
        ]
        if rows:
            work.session.execute(insert(model), rows)


def _enrol_host_keys(work: _Work, by: str) -> None:
    for row in (*work.created(_K.DEVICE), *work.changed(_K.DEVICE)):
        keys = row.fields.get("host_keys")
        if keys is None or not keys.after:
            continue
        host, port = ssh_address(work.everything[_K.DEVICE][row.key])
        parsed = [hostkeys.parse_key(key, where=work.plan.filename) for key in keys.after]
        hostkeys.enrol(work.session, host, port, parsed, by)


def _restate_intent(work: _Work) -> None:
    """Tell the observations what is intended now, so that deviations stay a plain comparison."""
    observed = {
        (kind, element_id, name): row_id
        for row_id, kind, element_id, name in work.session.execute(
            select(Field.id, Field.kind, Field.element_id, Field.field)
        )
    }
    restated = list(_restated(work, observed))
    if restated:
        work.session.execute(update(Field), restated)


def stated(value: Any) -> Any:
    """Return an intended `value`, or None when it says nothing: empty is not an intention."""
    return None if value in ("", [], {}) else value


def _restated(work: _Work, observed: dict[tuple[str, int, str], int]) -> Iterable[dict[str, Any]]:
    for row in work.plan.changed:
        element_id = work.snapshot.ids[row.kind][row.key]
        for name, difference in row.fields.items():
            row_id = observed.get((row.kind.value, element_id, name))
            if row_id is not None:
                yield {"id": row_id, "intended": stated(difference.after)}
