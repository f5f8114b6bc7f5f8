"""What is wrong with records beside each other and beside what the database holds."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

from hatang.drivers import hostkeys
from hatang.errors import InvalidInputError
from inventory import cycles, dissolved, platforms, ranges
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.records import suggestion
from inventory.snapshot import ssh_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.errors import Problem
    from inventory.kinds.kind import Kind
    from inventory.records import Record, Records
    from inventory.snapshot import Snapshot


# What no two elements of a kind share.
_UNIQUE: Final = {
    ElementKind.DEVICE: ("primary_ip4", "primary_ip6", "oob_ip", "serial", "asset_tag"),
    ElementKind.VIRTUAL_MACHINE: ("primary_ip4", "primary_ip6"),
    ElementKind.MODULE: ("serial",),
    ElementKind.RACK: ("serial", "asset_tag"),
    ElementKind.ENDPOINT: ("serial",),
    ElementKind.VRF: ("rd",),
}


def check(records: Records, snapshot: Snapshot) -> list[Problem]:
    """Return every problem, in the order of the file's lines."""
    checks: tuple[Callable[[Records, Snapshot], Iterator[Problem]], ...] = (
        _dangling,
        _platforms,
        _loopback,
        *(_taken(kind, name) for kind, names in _UNIQUE.items() for name in names),
        _device_keys,
        cycles.check,
        dissolved.check,
        _inside,
        _groups,
        ranges.check,
        _links,
        _own_services,
        _host_keys,
    )
    found = [problem for one in checks for problem in one(records, snapshot)]
    return sorted(found, key=lambda problem: problem.line or 0)


def warnings(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield doubts that stop nothing."""
    yield from ranges.warnings(records, snapshot)


def _dangling(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    for kind in KINDS.values():
        given = [(*one, records.of(one[1])) for one in kind.row.references.items()]
        for record in records.of(kind.kind).values():
            if record.is_implied:  # by a link, which is blamed itself
                continue
            for name, target, beside in given:
                value = record.fields.get(name)
                # Nearly all name a row of the file: a province has a million references.
                if value is not None and not (isinstance(value, str) and value in beside):
                    yield from _missing(records, snapshot, record, (name, target))
    for link in records.of(ElementKind.LINK).values():
        for end in ("a", "b"):
            device = link.fields[end].partition(":")[0]
            if not _is_known(records, snapshot, ElementKind.DEVICE, device):
                yield _unknown(records, snapshot, link, (end, ElementKind.DEVICE, device))


def _missing(
    records: Records, snapshot: Snapshot, record: Record, reference: tuple[str, ElementKind]
) -> Iterator[Problem]:
    name, target = reference
    value = record.fields[name]
    for key in value if isinstance(value, list) else [value]:
        if not _is_known(records, snapshot, target, key):
            yield _unknown(records, snapshot, record, (name, target, key))


def _is_known(records: Records, snapshot: Snapshot, kind: ElementKind, key: str) -> bool:
    return (
        key in records.of(kind)
        or key in snapshot.fields.get(kind, {})
        or key in records.broken.get(kind, ())
    )


def _unknown(
    records: Records, snapshot: Snapshot, record: Record, what: tuple[str, ElementKind, str]
) -> Problem:
    name, target, key = what
    known = {*records.of(target), *snapshot.fields.get(target, {})}
    fix = suggestion(key, known) or f"Add the {target} first."
    return record.problem(records.where, name, key, f"names no {target}", fix)


def _platforms(records: Records, _snapshot: Snapshot) -> Iterator[Problem]:
    known = platforms.names()
    main = [platform.name for platform in platforms.worked_on()]
    listed = f"{', '.join(main)}, and {len(known) - len(main)} that are only recognised"
    for device in records.of(ElementKind.DEVICE).values():
        name = device.fields["platform"]
        if name not in known:
            fix = f"{suggestion(name, known)} Known are: {listed}.".strip()
            yield device.problem(records.where, "platform", name, "is no known platform", fix)


def _loopback(records: Records, _snapshot: Snapshot) -> Iterator[Problem]:
    # hatang logs in to devices: one said to be on loopback would be a way into its own machine.
    if records.allow_local:
        return
    for device in records.of(ElementKind.DEVICE).values():
        value = device.fields.get("primary_ip4")
        if value and IPv4Address(value).is_loopback:
            message = "is a loopback address: it names the machine hatang runs on"
            fix = "Give the device's own address; only in a lab, set `lab = true`."
            yield device.problem(records.where, "primary_ip4", value, message, fix)


def _taken(kind: ElementKind, name: str) -> Callable[[Records, Snapshot], Iterator[Problem]]:
    """Return the check that no two elements of `kind` share the field `name`."""

    def check_field(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
        asked = records.of(kind)
        holder = {
            fields[name]: key
            for key, fields in snapshot.fields.get(kind, {}).items()
            if fields[name] and name not in _said(asked.get(key))
        }
        for record in asked.values():
            value = record.fields.get(name)
            if not value:
                continue
            if holder.setdefault(value, record.key) != record.key:
                message = f"already belongs to {holder[value]}"
                yield record.problem(records.where, name, value, message, "Correct one of them.")

    return check_field


def _said(record: Record | None) -> dict[str, Any]:
    return {} if record is None else record.fields


def _device_keys(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    existing = snapshot.fields.get(ElementKind.DEVICE, {})
    holder = {fields["device_key"]: key for key, fields in existing.items()}
    for device in records.of(ElementKind.DEVICE).values():
        value = device.fields.get("device_key")
        if value is None:
            continue
        own = existing.get(device.key, {}).get("device_key", value)
        if own != value or holder.setdefault(value, device.key) != device.key:
            message = "is not this device's key: it never changes and belongs to one device"
            fix = "Leave it out, or rename the device before importing."
            yield device.problem(records.where, "device_key", value, message, fix)


def _inside(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield what names a part of another place than its own."""
    for kind in KINDS.values():
        held = snapshot.fields.get(kind.kind, {})
        for record in records.of(kind.kind).values() if kind.within else ():
            had = held.get(record.key, {})
            for name, owner in kind.within.items():
                value = record.fields.get(name, had.get(name))
                home = record.fields.get(owner, had.get(owner))
                if value is not None and not value.startswith(f"{home}{_separator(kind, name)}"):
                    at = name if name in record.fields else owner
                    message = f"is not where its {name} {value} is"
                    fix = f"Give a {name} of {home}, or null."
                    yield record.problem(records.where, at, home, message, fix)


def _separator(kind: Kind, name: str) -> str:
    return KINDS[kind.target(name)].separator


def _groups(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    held = snapshot.fields.get(ElementKind.REDUNDANCY_GROUP, {})
    for group in records.of(ElementKind.REDUNDANCY_GROUP).values():
        fields = held.get(group.key, {}) | group.fields
        members = len(fields.get("devices", ())) + len(fields.get("circuits", ()))
        required = fields.get("required", 1)
        if members < required:
            message, fix = f"are needed of {members}", "Name the members, or need fewer."
            yield group.problem(records.where, "required", required, message, fix)


def _links(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    taken = {
        end: key
        for key, fields in snapshot.fields.get(ElementKind.LINK, {}).items()
        for end in (fields["a"], fields["b"])
    }
    for link in records.of(ElementKind.LINK).values():
        ends = (link.fields["a"], link.fields["b"])
        if ends[0] == ends[1]:
            fix = "Give two different interfaces."
            yield link.problem(records.where, "b", ends[1], "is a cable to itself", fix)
            continue
        for name, end in zip(("a", "b"), ends, strict=True):
            if taken.setdefault(end, link.key) != link.key:
                message = f"already holds the cable {taken[end]}"
                fix = "Remove that cable first, or correct the interface."
                yield link.problem(records.where, name, end, message, fix)


def _own_services(records: Records, _snapshot: Snapshot) -> Iterator[Problem]:
    for service in records.of(ElementKind.SERVICE).values():
        if service.key in service.fields.get("depends_on", ()):
            fix = "Remove it from its own list."
            yield service.problem(
                records.where, "depends_on", service.key, "is the service itself", fix
            )


def _host_keys(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    existing = snapshot.fields.get(ElementKind.DEVICE, {})
    at_address = {ssh_address(fields): fields["host_keys"] for fields in existing.values()}
    for device in records.of(ElementKind.DEVICE).values():
        keys = device.fields.get("host_keys")
        if not keys:
            continue
        fields = existing.get(device.key, {}) | device.fields
        if not fields.get("primary_ip4"):
            fix = "Give primary_ip4: host keys belong to an address."
            yield device.problem(records.where, "host_keys", "", "has no address", fix)
        held = {key.split()[0]: key for key in at_address.get(ssh_address(fields), ())}
        for key in keys:
            yield from _host_key(records, device, key, held)


def _host_key(
    records: Records, device: Record, key: str, held: dict[str, str]
) -> Iterator[Problem]:
    try:
        kind = hostkeys.parse_key(key, where=records.where).kind
    except InvalidInputError as error:
        wrong = error.problems[0]
        yield device.problem(records.where, "host_keys", key[:80], wrong.message, wrong.fix)
        return
    if held.setdefault(kind, key) != key:
        message = f"another {kind} key counts for this address"
        fix = "Find out why the key changed; replacing it is a step of its own."
        yield device.problem(records.where, "host_keys", key[:80], message, fix)
