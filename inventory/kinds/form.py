"""The types that fields of a file's rows are made of, and the strict model of a row.

All references are natural keys. A field that is not given stays as it is; null clears it.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Address
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from inventory.choices import ElementKind

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _check_printable(text: str) -> str:
    # A line break in a name becomes a configuration line in a template.
    if _CONTROL.search(text):
        raise ValueError("holds a control character")
    return text


def _check_address(text: str) -> str:
    try:
        address = IPv4Address(text)
    except ValueError as error:
        raise ValueError("is no IPv4 address like 10.46.1.1") from error
    if address.is_multicast or address.is_unspecified:
        raise ValueError("is no address of a device")
    return str(address)


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
SipUri = Annotated[str, StringConstraints(pattern=r"^sips?:[^\s]+$", max_length=255)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=32)]
Address = Annotated[str, AfterValidator(_check_address)]
Transport = Literal["ssh", "snmp", "http", "https", "netconf", "telnet"]
# `cli` is the login whose shell is the device's command line, where `ssh` opens another shell.
Login = Literal["ssh", "cli", "snmp", "http", "https", "netconf", "telnet"]
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
