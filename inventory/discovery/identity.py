"""Who is who: a device met by several addresses, renamed or re-addressed, is one device.

Marks, the surest first: the serial number, the SNMP engine's identifier, LLDP's chassis
identifier, the set of MAC addresses. Names and addresses are not marks: people change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.discovery.facts import Facts

# Virtual MACs (VRRP, HSRP) and stacked boxes share some addresses, a device shares most.
_SHARED: Final = 0.5
# What firmware writes where nobody wrote a serial number.
_NO_SERIALS: Final = frozenset(
    {"", "0", "none", "n/a", "unknown", "not specified", "to be filled by o.e.m.", "123456789"}
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a device is known by, whatever it is called and wherever it answers."""

    serial: str = ""
    engine_id: str = ""
    chassis: str = ""
    macs: frozenset[str] = frozenset()


def marks(facts: Facts) -> Marks:
    """Return the marks among what a device said."""
    serial = "" if facts.serial.strip().lower() in _NO_SERIALS else facts.serial.strip()
    return Marks(serial, facts.engine_id, facts.chassis, facts.macs)


def lasting(held: Marks) -> list[str]:
    """Return the marks by which a device may be called, the surest first; there may be none."""
    return [
        one
        for one in (held.serial, held.engine_id, held.chassis, min(held.macs, default=""))
        if one
    ]


def agree(one: Marks, other: Marks) -> bool:
    """Return whether both are one device's: a sure mark is equal, or most MAC addresses are."""
    if one.serial and other.serial:
        return one.serial == other.serial
    if one.engine_id and one.engine_id == other.engine_id:
        # A cloned machine clones its engine: where both have MACs, some must be shared.
        return not one.macs or not other.macs or bool(one.macs & other.macs)
    if one.macs and other.macs:
        return len(one.macs & other.macs) > _SHARED * min(len(one.macs), len(other.macs))
    return bool(one.chassis) and one.chassis == other.chassis


class Known:
    """Devices by key, found by their marks without looking at every one."""

    def __init__(self) -> None:
        self._held: dict[int, Marks] = {}
        self._by_mark: dict[str, set[int]] = {}

    def add(self, key: int, held: Marks) -> None:
        """Keep the marks of the device `key`."""
        self._held[key] = held
        for mark in _words(held):
            self._by_mark.setdefault(mark, set()).add(key)

    def find(self, sought: Marks) -> int | None:
        """Return the key of the one whose marks agree, or None when none or several do."""
        near = {key for mark in _words(sought) for key in self._by_mark.get(mark, ())}
        found = [key for key in near if agree(sought, self._held[key])]
        return found[0] if len(found) == 1 else None


def _words(held: Marks) -> Iterator[str]:
    sure = (("serial", held.serial), ("engine", held.engine_id), ("chassis", held.chassis))
    yield from (f"{name} {value}" for name, value in sure if value)
    yield from held.macs
