"""Prefixes and addresses beside each other, within one VRF.

A prefix inside another is a part of it, which is how ranges are divided. It is wrong where the
outer one belongs to another site and is no container: then two sites claim the same addresses.
"""

from __future__ import annotations

from ipaddress import ip_interface, ip_network
from typing import TYPE_CHECKING, Any, Final

from inventory.choices import AddressRole, ElementKind, PrefixStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.errors import Problem
    from inventory.records import Fields, Record, Records
    from inventory.snapshot import Snapshot

    # Prefixes of a VRF and a version: by length, by the number they begin with.
    Table = dict[int, dict[int, tuple[str, Fields]]]
    Tables = dict[tuple[str | None, int], Table]

# Several may hold the same address in these roles.
_SHARED: Final = frozenset(
    {
        AddressRole.ANYCAST,
        AddressRole.VIP,
        AddressRole.VRRP,
        AddressRole.HSRP,
        AddressRole.GLBP,
        AddressRole.CARP,
    }
)


def check(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield what two sites both claim, and addresses given twice."""
    if records.of(ElementKind.PREFIX):
        yield from _claimed_twice(records, snapshot)
    if records.of(ElementKind.ADDRESS):
        yield from _given_twice(records, snapshot)


def warnings(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield addresses that lie in no prefix, in one of another length, or of another site."""
    addresses = records.of(ElementKind.ADDRESS)
    if not addresses:
        return
    tables = _tables(_merged(records, snapshot, ElementKind.PREFIX))
    sites = _sites(records, snapshot)
    for record in addresses.values():
        fields = _whole(record, snapshot)
        found = ip_interface(fields["address"])
        table = tables.get((fields.get("vrf"), found.version))
        if table is None:
            continue
        around = next(_around(table, found.max_prefixlen, int(found.ip)), None)
        if around is None:
            fix = "Add its prefix, or correct the address."
            yield record.problem(records.where, "address", found, "lies in no known prefix", fix)
            continue
        yield from _compared(records, record, around, sites.get(fields.get("interface")))


def _compared(
    records: Records, record: Record, around: tuple[str, Fields], site: str | None
) -> Iterator[Problem]:
    key, prefix = around
    value = record.fields["address"]
    length = ip_network(prefix["prefix"]).prefixlen
    if int(value.partition("/")[2]) not in (length, ip_network(prefix["prefix"]).max_prefixlen):
        message = f"has another length than its prefix {key}"
        yield record.problem(records.where, "address", value, message, f"Write /{length}.")
    if site is not None and prefix.get("site") not in (None, site):
        message = f"lies in {key} of site {prefix['site']}, its device at {site}"
        fix = "Correct the address, or the site of the prefix."
        yield record.problem(records.where, "address", value, message, fix)


def _claimed_twice(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    merged = _merged(records, snapshot, ElementKind.PREFIX)
    tables = _tables(merged)
    asked = records.of(ElementKind.PREFIX)
    for key, fields in merged.items():
        if fields.get("site") is None:
            continue
        inner = ip_network(fields["prefix"])
        table = tables[fields.get("vrf"), inner.version]
        outside = {length: row for length, row in table.items() if length < inner.prefixlen}
        for outer_key, outer in _around(outside, inner.max_prefixlen, int(inner.network_address)):
            is_holder = outer.get("status") == PrefixStatus.CONTAINER
            if is_holder or outer.get("site") in (None, fields["site"]):
                continue
            blamed = asked.get(key) or asked.get(outer_key)
            if blamed is not None:
                other, site = (outer_key, outer) if blamed.key == key else (key, fields)
                message = f"overlaps {other} of site {site['site']}"
                fix = "Give both one site, or make the outer one a container."
                yield blamed.problem(records.where, "prefix", fields["prefix"], message, fix)
            break


def _given_twice(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    asked = records.of(ElementKind.ADDRESS)
    holder: dict[tuple[str | None, str], str] = {}
    for key, fields in _merged(records, snapshot, ElementKind.ADDRESS).items():
        if fields.get("role") in _SHARED:
            continue
        host = (fields.get("vrf"), fields["address"].partition("/")[0])
        first = holder.setdefault(host, key)
        if first != key and (key in asked or first in asked):
            blamed, other = (asked[key], first) if key in asked else (asked[first], key)
            message, fix = f"is the same address as {other}", "Keep one, or give it a shared role."
            yield blamed.problem(records.where, "address", fields["address"], message, fix)


def _merged(records: Records, snapshot: Snapshot, kind: ElementKind) -> dict[str, Fields]:
    found = dict(snapshot.fields.get(kind, {}))
    for key, record in records.of(kind).items():
        found[key] = found.get(key, {}) | record.fields
    return found


def _whole(record: Record, snapshot: Snapshot) -> Fields:
    return snapshot.fields.get(record.kind, {}).get(record.key, {}) | record.fields


def _tables(prefixes: dict[str, Fields]) -> Tables:
    tables: Tables = {}
    for key, fields in prefixes.items():
        network = ip_network(fields["prefix"])
        table = tables.setdefault((fields.get("vrf"), network.version), {})
        table.setdefault(network.prefixlen, {})[int(network.network_address)] = (key, fields)
    return tables


def _around(table: Table, width: int, at: int) -> Iterator[tuple[str, Fields]]:
    """Yield the prefixes that hold the number `at` of an address of `width` bits, inmost first."""
    for length in sorted(table, reverse=True):
        shift = width - length
        found = table[length].get(at >> shift << shift)
        if found is not None:
            yield found


def _sites(records: Records, snapshot: Snapshot) -> dict[Any, str]:
    """Return the site of each interface that an address names."""
    devices = _merged(records, snapshot, ElementKind.DEVICE)
    found: dict[Any, str] = {}
    for address in records.of(ElementKind.ADDRESS).values():
        end = address.fields.get("interface")
        fields = devices.get(end.partition(":")[0]) if end else None
        if fields is not None and fields.get("site"):
            found[end] = fields["site"]
    return found
