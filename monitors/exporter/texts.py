"""Values and indexes as snmp_exporter writes them into labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import SnmpValue
    from monitors.exporter.schema import Index

# Types whose meaning another number names: InetAddressType (RFC 4001), LldpPortIdSubtype
# (LLDP-MIB, IEEE 802.1AB), as snmp_exporter 0.21 knows them.
_ADDRESS: Final = {1: "InetAddressIPv4", 2: "InetAddressIPv6"}
COMBINED: Final[Mapping[str, Mapping[int, str]]] = {
    "InetAddress": _ADDRESS,
    "InetAddressMissingSize": _ADDRESS,
    "LldpPortId": {
        1: "DisplayString",
        2: "DisplayString",
        3: "PhysAddress48",
        5: "DisplayString",
        7: "DisplayString",
    },
}
_SIZED: Final = frozenset({"OctetString", "DisplayString"})
_UNREADABLE: Final = re.compile("[\udc80-\udcff]+")

Arcs = list[int]


def value_text(value: SnmpValue, kind: str) -> str:
    """Return a value as the text of a label; octets as their type `kind` says."""
    if not isinstance(value, bytes):
        return str(value)
    kind = "OctetString" if kind in {"", "Bits"} else kind
    arcs = list(value)
    if kind in _SIZED:
        arcs.insert(0, len(value))
    return _taken(arcs, kind)[0]


def index_text(arcs: Arcs, index: Index) -> tuple[str, Arcs, Arcs]:
    """Return the text of the part of a row's index that `arcs` begin with, its arcs, the others."""
    if index.type == "EnumAsInfo":
        own, rest = _split(arcs, 1)
        return index.enum_values.get(own[0], str(own[0])), own, rest
    return _taken(arcs, index.type, index.fixed_size, implied=index.implied)


def _taken(
    arcs: Arcs, kind: str, size: int = 0, *, implied: bool = False
) -> tuple[str, Arcs, Arcs]:
    if kind in COMBINED:
        return _combined(arcs, kind)
    if kind == "PhysAddress48":
        own, rest = _split(arcs, 6)
        return ":".join(f"{each:02X}" for each in own), own, rest
    if kind == "InetAddressIPv4":
        own, rest = _split(arcs, 4)
        return ".".join(str(each) for each in own), own, rest
    if kind == "InetAddressIPv6":
        own, rest = _split(arcs, 16)
        pairs = zip(own[::2], own[1::2], strict=True)
        return ":".join(f"{high:02X}{low:02X}" for high, low in pairs), own, rest
    if kind in _SIZED:
        return _octets(arcs, kind, len(arcs) if implied else size)
    own, rest = _split(arcs, 1)
    return str(own[0]), own, rest


def _octets(arcs: Arcs, kind: str, size: int) -> tuple[str, Arcs, Arcs]:
    before: Arcs = []
    if size == 0:
        before, arcs = _split(arcs, 1)
        size = before[0]
    # An agent may claim any length; there cannot be more than it sent.
    own, rest = _split(arcs, min(size, len(arcs)))
    octets = bytes(each & 0xFF for each in own)
    if kind == "OctetString":
        text = f"0x{octets.hex().upper()}" if octets else ""
    else:
        text = _UNREADABLE.sub("�", octets.decode("utf-8", "surrogateescape"))
    return text, before + own, rest


def _combined(arcs: Arcs, kind: str) -> tuple[str, Arcs, Arcs]:
    has_size = kind != "InetAddressMissingSize"
    before, rest = _split(arcs, 2 if has_size else 1)
    known = COMBINED[kind].get(before[0])
    if known is not None:
        text, own, rest = _taken(rest, known)
        return text, before + own, rest
    if not has_size:
        return _taken(arcs, "OctetString", implied=True)
    return _taken(arcs, "OctetString", before[1] + 2)


def _split(arcs: Arcs, count: int) -> tuple[Arcs, Arcs]:
    """Return the first `count` arcs, with zeros for what is missing, and the rest."""
    return (arcs[:count] + [0] * count)[:count], arcs[count:]
