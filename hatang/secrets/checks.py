"""Says everything that is wrong with a credential, never showing what may be secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hatang.errors import Problem
from hatang.secrets.credential import CHOICES, FIELDS, NEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_MIN_SNMP_PASSWORD: Final = 8  # RFC 3414, 11.2


def problems_of(name: str, kind: str, fields: Mapping[str, object], *, where: str) -> list[Problem]:
    """Return all problems of one credential; `where` is the file or request it came in."""
    return list(_problems(name, kind, fields, where))


def _problems(name: str, kind: str, fields: Mapping[str, object], where: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield Problem(where, "name", name, "is no name", "Use a-z, 0-9, dot, dash, underscore.")
    if kind not in FIELDS:
        kinds = ", ".join(sorted(FIELDS))
        yield Problem(where, f"{name}.kind", kind, "is unknown", f"Use one of {kinds}.")
        return
    for field in sorted(set(fields) - FIELDS[kind]):
        known = ", ".join(sorted(FIELDS[kind]))
        yield Problem(where, f"{name}.{field}", "", "is unknown", f"{kind} knows {known}.")
    for group in NEEDED[kind]:
        if not group & set(fields):
            wanted = " or ".join(sorted(group))
            yield Problem(where, f"{name}.{wanted}", "", "is missing", "Fill it in.")
    for field in sorted(set(fields) & FIELDS[kind]):
        yield from _value(where, name, field, fields[field])


def _value(where: str, name: str, field: str, value: object) -> Iterator[Problem]:
    place = f"{name}.{field}"
    if not isinstance(value, str) or not value:
        yield Problem(where, place, "", "is no text, or empty", "Write it in quotes.")
    elif field in CHOICES and value not in CHOICES[field]:
        allowed = ", ".join(sorted(CHOICES[field]))
        yield Problem(where, place, value, "is not supported", f"Use one of {allowed}.")
    elif field == "port" and not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        yield Problem(where, place, value, "is no port", "Write 1 to 65535 in quotes.")
    elif field in {"auth_password", "priv_password"} and len(value) < _MIN_SNMP_PASSWORD:
        yield Problem(where, place, "", "is too short", "SNMPv3 wants 8 characters or more.")
