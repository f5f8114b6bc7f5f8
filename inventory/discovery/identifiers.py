"""Identifiers as devices send them, made readable: MAC addresses, LLDP's typed identifiers, names.

Whatever a device sends is cut to `MAX_TEXT` characters and freed of control characters.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from inventory.discovery.facts import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.protocols import SnmpValue

# IEEE 802.1AB-2005 section 9.5.2.2 and 9.5.3.2: which subtype holds what.
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_PORT_MAC, _PORT_ADDRESS = 3, 4
_FAMILIES: Final = {1: 4, 2: 16}  # IANA address family numbers → octets
_MAC_OCTETS: Final = 6
_NAME: Final = re.compile(r"^([A-Za-z -]*)(\d.*)?$")


def text(value: SnmpValue | None) -> str:
    """Return an OCTET STRING or number as one line of harmless text."""
    if value is None:
        return ""
    found = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    kept = "".join(letter if letter.isprintable() else " " for letter in found)
    return " ".join(kept.split())[:MAX_TEXT]


def number(value: SnmpValue | None) -> int | None:
    """Return an integer, or None where the device sent something else."""
    return value if isinstance(value, int) else None


def mac(value: SnmpValue | None) -> str:
    """Return a MAC address as `aa:bb:cc:dd:ee:ff`, "" for none, zeroes or a group's address."""
    if not isinstance(value, bytes) or len(value) != _MAC_OCTETS:
        return ""
    return "" if not any(value) or value[0] & 1 else value.hex(":")


def mac_of_arcs(arcs: Iterable[int]) -> str:
    """Return the MAC address that stands in an index."""
    octets = tuple(arcs)
    return mac(bytes(octets)) if all(0 <= octet <= 255 for octet in octets) else ""


def hexadecimal(value: SnmpValue | None) -> str:
    """Return octets in hexadecimal, such as an SNMP engine's identifier (RFC 3411)."""
    return value.hex()[: 2 * 32] if isinstance(value, bytes) else ""


def chassis(subtype: SnmpValue | None, value: SnmpValue | None) -> str:
    """Return LLDP's chassis identifier by its subtype."""
    return _typed(value, subtype == _CHASSIS_MAC, subtype == _CHASSIS_ADDRESS)


def port(subtype: SnmpValue | None, value: SnmpValue | None) -> str:
    """Return LLDP's port identifier by its subtype."""
    return _typed(value, subtype == _PORT_MAC, subtype == _PORT_ADDRESS)


def address(value: SnmpValue | Iterable[int] | None) -> str:
    """Return an IP address from its octets (4 or 16), or "" for anything else."""
    if isinstance(value, str):
        return _valid(value)
    if value is None or isinstance(value, int | float):
        return ""
    octets = tuple(value)
    if len(octets) not in _FAMILIES.values() or not all(0 <= octet <= 255 for octet in octets):
        return ""
    return str(ip_address(bytes(octets)))


def same_port(one: str, other: str) -> bool:
    """Return whether two names are the same port's: `Gi1/0/1` is `GigabitEthernet1/0/1`."""
    if one == other:
        return bool(one)
    short, long = sorted(
        (_NAME.match(one), _NAME.match(other)), key=lambda m: len(m[1]) if m else 0
    )
    if short is None or long is None or short[2] != long[2] or not short[2]:
        return False
    letters, word = short[1].strip(" -").lower(), long[1].strip(" -").lower()
    return bool(letters) and letters[0] == word[:1] and _stands_in(letters, word)


def _stands_in(letters: str, word: str) -> bool:
    left = iter(word)
    return all(letter in left for letter in letters)


def _typed(value: SnmpValue | None, is_mac: bool, is_address: bool) -> str:  # noqa: FBT001
    if not isinstance(value, bytes):
        return text(value)
    if is_mac and len(value) == _MAC_OCTETS:
        return value.hex(":")
    if is_address and value and len(value) - 1 == _FAMILIES.get(value[0]):
        return address(value[1:])
    return text(value)


def _valid(found: str) -> str:
    try:
        return str(ip_address(found))
    except ValueError:
        return ""
