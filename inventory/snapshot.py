"""What the database intends now, in the words of a file: by kind and natural key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import null, select

from hatang.drivers.models import HostKey
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS, is_late

if TYPE_CHECKING:
    from hatang.db import AnySession
    from inventory.kinds.kind import Kind, Many
    from inventory.records import Fields

_SSH_PORT: Final = 22


@dataclass(slots=True)
class Snapshot:
    """Intended fields, database ids and scopes of everything, by kind and natural key."""

    fields: dict[ElementKind, dict[str, Fields]] = field(default_factory=dict)
    ids: dict[ElementKind, dict[str, int]] = field(default_factory=dict)
    scope_ids: dict[ElementKind, dict[str, int | None]] = field(default_factory=dict)
    keys: dict[ElementKind, dict[int, str]] = field(default_factory=dict)


def take(session: AnySession) -> Snapshot:
    """Return everything the database intends; as many statements as tables, whatever its size."""
    snapshot = Snapshot()
    for kind in KINDS.values():
        _fill(session, snapshot, kind)
    for kind in KINDS.values():
        _name_late(snapshot, kind)
        for name, many in kind.many.items():
            _fill_many(session, snapshot, kind, name, many)
    _fill_host_keys(session, snapshot)
    return snapshot


def _fill(session: AnySession, snapshot: Snapshot, kind: Kind) -> None:
    columns = kind.model.__table__.c
    names = [*kind.plain, *kind.references]
    single = [] if kind.single_key is None else [kind.single_key]
    statement = select(
        columns.id,
        columns.scope_id if kind.is_scoped else null(),
        *(columns[kind.column(name)] for name in [*single, *names]),
    ).order_by(columns.id)  # An export tells the same in the same order on every engine.
    named = [
        (name, snapshot.keys[to]) for name, to in kind.references.items() if not is_late(kind, name)
    ]
    fields: dict[str, Fields] = {}
    ids: dict[str, int] = {}
    scope_ids: dict[str, int | None] = {}
    for element_id, scope_id, *values in session.execute(statement):
        key = values.pop(0) if single else None
        held: Fields = dict(zip(names, values, strict=True))
        for name, keys in named:
            if held[name] is not None:
                held[name] = keys[held[name]]
        key = key or kind.key_of(held)
        fields[key], ids[key], scope_ids[key] = held, element_id, scope_id
    word = kind.kind
    snapshot.fields[word], snapshot.ids[word], snapshot.scope_ids[word] = fields, ids, scope_ids
    snapshot.keys[word] = {element_id: key for key, element_id in ids.items()}


def _name_late(snapshot: Snapshot, kind: Kind) -> None:
    for name, target in kind.references.items():
        if is_late(kind, name):
            keys = snapshot.keys[target]
            for held in snapshot.fields[kind.kind].values():
                if held[name] is not None:
                    held[name] = keys[held[name]]


def _fill_many(session: AnySession, snapshot: Snapshot, kind: Kind, name: str, many: Many) -> None:
    fields, keys = snapshot.fields[kind.kind], snapshot.keys[kind.kind]
    named = snapshot.keys[kind.target(name)]
    for held in fields.values():
        held[name] = []
    columns = many.model.__table__.c
    for owner, other in session.execute(select(columns[many.owner], columns[many.column])):
        fields[keys[owner]][name].append(named[other])
    for held in fields.values():
        held[name].sort()


def _fill_host_keys(session: AnySession, snapshot: Snapshot) -> None:
    enrolled: dict[tuple[str, int], list[str]] = {}
    statement = select(HostKey.host, HostKey.port, HostKey.key_type, HostKey.public_key)
    for host, port, key_type, key in session.execute(
        statement.where(HostKey.replaced_at.is_(None))
    ):
        enrolled.setdefault((host, port), []).append(f"{key_type} {key}")
    for fields in snapshot.fields[ElementKind.DEVICE].values():
        fields["host_keys"] = sorted(enrolled.get(ssh_address(fields), ()))


def ssh_address(fields: Fields) -> tuple[str, int]:
    """Return where SSH of the device with these fields answers: the host keys' own key."""
    return fields.get("primary_ip4") or "", (fields.get("ports") or {}).get("ssh", _SSH_PORT)
