"""The types that fields of a file's rows are made of, and the strict model of a row.

All references are natural keys. A field that is not given stays as it is; null clears it.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from inventory.choices import ElementKind

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _check_printable(text: str) -> str:
    # A line break in a name becomes a configuration line in a template.
    if _CONTROL.search(text):
        raise ValueError("holds a control character")
    if "PRIVATE KEY-----" in text:
        raise ValueError("is a private key: those are never kept here")
    return text


def _check_address(text: str) -> str:
    try:
        address = IPv4Address(text)
    except ValueError as error:
        raise ValueError("is no IPv4 address like 10.46.1.1") from error
    if address.is_multicast or address.is_unspecified:
        raise ValueError("is no address of a device")
    return str(address)


def _check_ip6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError as error:
        raise ValueError("is no IPv6 address like 2001:db8::1") from error
    if address.is_multicast or address.is_unspecified or address.scope_id is not None:
        raise ValueError("is no address of a device")
    return str(address)


def _check_ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise ValueError("is no address like 10.46.1.1 or 2001:db8::1") from error


def _check_network(text: str) -> str:
    try:
        found = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("is no prefix like 10.46.0.0/16") from error
    if "/" not in text:
        raise ValueError(f"has no length; a single address is {found}")
    if str(ip_interface(text).ip) != str(found.network_address):
        raise ValueError(f"has bits beyond its length; the prefix is {found}")
    return str(found)


def _check_interface_address(text: str) -> str:
    try:
        found = ip_interface(text)
    except ValueError as error:
        raise ValueError("is no address with its length like 10.46.1.1/24") from error
    if "/" not in text:
        raise ValueError("has no length: write it like 10.46.1.1/24")
    network, length = found.network, found.network.prefixlen
    if length < network.max_prefixlen - 1:
        if found.ip == network.network_address:
            raise ValueError(f"is the network {network} itself, no address in it")
        if found.version == 4 and found.ip == network.broadcast_address:
            raise ValueError(f"is the broadcast address of {network}")
    return str(found)


def _check_mac(text: str) -> str:
    digits = re.sub(r"[-:.]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise ValueError("is no MAC address like 00:1a:2b:3c:4d:5e")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


Printable = AfterValidator(_check_printable)
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=64),
]
Hostname = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255), Printable]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100), Printable]
Phone = Annotated[str, StringConstraints(max_length=32), Printable]
Line = Annotated[str, StringConstraints(max_length=255), Printable]
ShortLine = Annotated[str, StringConstraints(max_length=64), Printable]
Serial = Annotated[str, StringConstraints(max_length=100), Printable]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000), Printable]
# A bridge's or an endpoint's own door: its web API, or its SNMP agent.
DoorUrl = Annotated[
    str,
    StringConstraints(pattern=r"^(https?|snmp)://[^\s]+$", max_length=2000),
    Printable,
]
SipUri = Annotated[str, StringConstraints(pattern=r"^sips?:[^\s]+$", max_length=255)]
# A STAMP reflector, or a test that a device of ours makes by itself (`monitors.routertests`).
WayUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^(stamp://[^\s/]+|sla://[^\s/]+/[^\s?]+(\?family=[a-z-]+)?)$", max_length=255
    ),
    Printable,
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=32)]
Address = Annotated[str, AfterValidator(_check_address)]
Address6 = Annotated[str, AfterValidator(_check_ip6)]
AnyAddress = Annotated[str, AfterValidator(_check_ip)]
Network = Annotated[str, AfterValidator(_check_network)]
InterfaceAddress = Annotated[str, AfterValidator(_check_interface_address)]
Mac = Annotated[str, AfterValidator(_check_mac)]
Mail = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=255), Printable]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$", max_length=255)]
# In small letters, so that one server has one name.
AaaServer = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$", max_length=100, to_lower=True),
]
PortType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=32)]
VrfName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
# `SITE/NAME`; inside a row that names the site, NAME alone.
Inside = Annotated[str, StringConstraints(min_length=1, max_length=165), Printable]
Rate = Annotated[int, Field(ge=1, le=2_000_000_000)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Transport = Literal["ssh", "snmp", "http", "https", "netconf", "telnet"]
# `cli` is the login whose shell is the device's command line, where `ssh` opens another shell.
Login = Literal["ssh", "cli", "jump", "snmp", "http", "https", "netconf", "telnet"]
Day = Annotated[date, Field()]
Port = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[str, StringConstraints(min_length=1, max_length=64), Printable]
End = Annotated[str, StringConstraints(pattern=r"^[^:\s]+:.+$", max_length=129), Printable]
HostKey = Annotated[str, StringConstraints(max_length=4096), Printable]
DeviceKey = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
Lax: Final = Field(strict=False)


class Row(BaseModel):
    """One row; `key_fields` together name it, `references` say which fields name others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_enum_values=True)
    kind_of_row: ClassVar[ElementKind]
    key_fields: ClassVar[tuple[str, ...]] = ("code",)
    references: ClassVar[dict[str, ElementKind]] = {}
