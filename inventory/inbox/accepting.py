"""What accepting differences writes: an import's document, and the few verbs no import has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from hatang.errors import ConflictError, InvalidInputError, Problem
from inventory.choices import DeviceStatus, ElementKind
from inventory.inbox.choices import DeviationKind
from inventory.kinds.form import Hostname
from inventory.kinds.registry import KINDS
from inventory.schemas import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from inventory.inbox.listing import InboxRow
    from inventory.kinds.kind import Fields
    from inventory.snapshot import Snapshot

T = TypeVar("T")
_HOSTNAME: Final = TypeAdapter[str](Hostname)
_OF_NEW_DEVICES: Final = ("name", "site", "role", "platform", "manufacturer", "model", "serial",
                          "primary_ip4", "credentials", "software")  # fmt: skip


@dataclass(slots=True)
class Writes:
    """What is to be written: rows of a file by section, new names, what to take away by id."""

    rows: dict[ElementKind, dict[str, Fields]] = field(default_factory=dict)
    names: list[tuple[str, str]] = field(default_factory=list)
    links: list[int] = field(default_factory=list)
    addresses: list[int] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    host_keys: list[tuple[str, str]] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the rows as an inventory file."""
        found: defaultdict[str, list[Fields]] = defaultdict(list)
        for kind, rows in self.rows.items():
            found[KINDS[kind].section] += rows.values()
        return {"version": VERSION, **found}


def compose(chosen: Sequence[InboxRow], snapshot: Snapshot, values: Mapping[str, str]) -> Writes:
    """Return what accepting `chosen` writes; `values` fill in what nobody could observe.

    Raises:
        ConflictError: an element is gone meanwhile.
        InvalidInputError: a new device lacks a site or a role, or its name is none; all at once.
    """
    writes, problems = Writes(), list[Problem]()
    for row in chosen:
        _COMPOSERS[DeviationKind(row.kind)](writes, row, snapshot)
        if row.kind == DeviationKind.NEW_DEVICE:
            fields = writes.rows[ElementKind.DEVICE][row.key]
            wrong = _fill_in(fields, row, values)
            problems += wrong
            if not wrong:
                _take_along(writes, row, fields, snapshot)
    if problems:
        raise InvalidInputError(problems)
    return writes


def _field(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    kind = ElementKind(row.element_kind)
    if kind is ElementKind.DEVICE and row.field == "name":
        writes.names.append((_key(row, snapshot), str(row.observed)))
        return
    patch = _patch(writes, row, snapshot)
    composite = KINDS[kind].composites.get(row.field)
    if composite is not None:
        patch |= dict(zip(composite.names, str(row.observed).split("/", 1), strict=True))
        return
    patch[row.field] = row.observed
    if row.field == "software":
        _release(writes, str(row.observed), snapshot)


def _release(writes: Writes, key: str, snapshot: Snapshot) -> None:
    """Write down the release `NAME/VERSION` where the inventory does not have it."""
    if key not in snapshot.fields[ElementKind.SOFTWARE]:
        name, _, version = key.partition("/")
        held = writes.rows.setdefault(ElementKind.SOFTWARE, {})
        held[key] = {"name": name, "version": version}


def _vanished(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    _patch(writes, row, snapshot)["status"] = DeviceStatus.OFFLINE.value


def _new_device(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    known = {name: row.observed.get(name) for name in _OF_NEW_DEVICES}
    if not (known["manufacturer"] and known["model"]):
        known["manufacturer"] = known["model"] = None
    fields = {name: value for name, value in known.items() if value}
    writes.rows.setdefault(ElementKind.DEVICE, {})[row.key] = fields
    if "software" in fields:
        _release(writes, fields["software"], snapshot)


def _new_port(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    _port(writes, _key(row, snapshot), row.observed)


def _port(writes: Writes, device: str, told: Fields) -> None:
    held = writes.rows.setdefault(ElementKind.INTERFACE, {})
    held[f"{device}:{told['name']}"] = {"device": device, **told}


def _new_address(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    device, port = _key(row, snapshot), row.observed["port"]
    end, held = f"{device}:{port}", writes.rows.get(ElementKind.INTERFACE, {})
    if end not in snapshot.fields[ElementKind.INTERFACE] and end not in held:
        _port(writes, device, {"name": port})
    _address(writes, row.observed["address"], end)


def _address(writes: Writes, address: str, end: str) -> None:
    rows = writes.rows.setdefault(ElementKind.ADDRESS, {})
    rows.setdefault(address, {"address": address, "interface": end})


def _new_vlan(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    _vlan(writes, _key(row, snapshot), row.observed["vid"], row.observed["name"])


def _vlan(writes: Writes, site: str, vid: int, name: str) -> None:
    rows = writes.rows.setdefault(ElementKind.VLAN, {})
    rows.setdefault(f"{site}/{vid}", {"site": site, "vid": vid, "name": name})


def _gone_port(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    end = f"{_key(row, snapshot)}:{row.intended['port']}"
    writes.ports.append(_there(row, snapshot.ids[ElementKind.INTERFACE].get(end)))


def _gone_address(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    end = f"{_key(row, snapshot)}:{row.intended['port']}"
    held = snapshot.fields[ElementKind.ADDRESS]
    sought = (row.intended["address"], end)
    found = [
        snapshot.ids[ElementKind.ADDRESS][key]
        for key, fields in held.items()
        if (fields["address"], fields.get("interface")) == sought
    ]
    writes.addresses.append(_there(row, found[0] if found else None))


def _take_along(writes: Writes, row: InboxRow, fields: Fields, snapshot: Snapshot) -> None:
    """Write down what a new device has: ports, addresses nobody else has, VLANs of its site."""
    taken = {key.partition("/")[0] for key in snapshot.fields[ElementKind.ADDRESS]}
    taken |= {key.partition("/")[0] for key in writes.rows.get(ElementKind.ADDRESS, {})}
    for told in row.observed.get("interfaces", ()):
        own = {name: value for name, value in told.items() if name != "addresses"}
        _port(writes, fields["name"], own)
        for address in told.get("addresses", ()):
            if address.partition("/")[0] not in taken:
                _address(writes, address, f"{fields['name']}:{told['name']}")
    vlans = snapshot.fields[ElementKind.VLAN]
    for vid, name in row.observed.get("vlans", ()):
        if f"{fields['site']}/{vid}" not in vlans and str(vid) not in vlans:
            _vlan(writes, fields["site"], vid, name)


def _new_cable(writes: Writes, row: InboxRow, _snapshot: Snapshot) -> None:
    ends = {"a": row.observed["a"], "b": row.observed["b"]}
    writes.rows.setdefault(ElementKind.LINK, {})[row.key] = ends


def _gone_cable(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    _key(row, snapshot)
    writes.links.append(row.element_id or 0)


def _moved_cable(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    held = snapshot.fields[ElementKind.LINK][_key(row, snapshot)]
    _gone_cable(writes, row, snapshot)
    _new_cable(writes, row, snapshot)
    if held.get("circuit"):
        writes.rows[ElementKind.LINK][row.key]["circuit"] = held["circuit"]


def _host_key(writes: Writes, row: InboxRow, snapshot: Snapshot) -> None:
    writes.host_keys += [(_key(row, snapshot), line) for line in row.observed["keys"]]


_COMPOSERS: Final[Mapping[DeviationKind, Callable[[Writes, InboxRow, Snapshot], None]]] = {
    DeviationKind.FIELD: _field,
    DeviationKind.UNWRITTEN: _field,
    DeviationKind.NEW_DEVICE: _new_device,
    DeviationKind.VANISHED_DEVICE: _vanished,
    DeviationKind.NEW_PORT: _new_port,
    DeviationKind.NEW_ADDRESS: _new_address,
    DeviationKind.GONE_PORT: _gone_port,
    DeviationKind.GONE_ADDRESS: _gone_address,
    DeviationKind.NEW_VLAN: _new_vlan,
    DeviationKind.NEW_CABLE: _new_cable,
    DeviationKind.GONE_CABLE: _gone_cable,
    DeviationKind.MOVED_CABLE: _moved_cable,
    DeviationKind.HOST_KEY: _host_key,
}


def _patch(writes: Writes, row: InboxRow, snapshot: Snapshot) -> Fields:
    """Return the row of this element in the document, with what a row cannot do without."""
    word = ElementKind(row.element_kind)
    kind, key = KINDS[word], _key(row, snapshot)
    held, rows = snapshot.fields[word][key], writes.rows.setdefault(word, {})
    needed = {
        name: key if name == kind.single_key else held[name]
        for name, one in kind.row.model_fields.items()
        if one.is_required()
    }
    return rows.setdefault(key, needed)


def _key(row: InboxRow, snapshot: Snapshot) -> str:
    return _there(row, snapshot.keys[ElementKind(row.element_kind)].get(row.element_id or 0))


def _there(row: InboxRow, found: T | None) -> T:
    if found is None:
        raise ConflictError(
            f"{row.element} is in the inventory no longer", fix="Run discovery again."
        )
    return found


def _fill_in(fields: Fields, row: InboxRow, values: Mapping[str, str]) -> list[Problem]:
    fields |= {name: value for name, value in values.items() if value and name not in fields}
    if values.get("name"):
        fields["name"] = values["name"]
    problems = [
        Problem("inbox", name, row.element, "is not known", f"Give --{name}.")
        for name in ("site", "role", "platform")
        if not fields.get(name)
    ]
    try:
        _HOSTNAME.validate_python(fields.get("name", ""))
    except ValidationError:
        shown = str(fields.get("name", ""))[:80]
        problems.append(Problem("inbox", "name", shown, "is no device name", "Give --name."))
    return problems
