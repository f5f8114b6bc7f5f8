"""Addresses by which somebody calls, in a form that can be compared. Pure."""

from __future__ import annotations

import re
from typing import Final

_NUMBER_DIGITS: Final = 9


def sip_user(uri: str | None) -> str | None:
    """Return `user@host` of a SIP address, without scheme, port and parameters; None of none."""
    if not uri or "@" not in uri:
        return None
    bare = re.sub(r"^sips?:", "", uri.strip().lower()).partition(";")[0]
    user, _, host = bare.partition("@")
    return f"{user}@{re.sub(r':[0-9]+$', '', host)}"


def digits(uri: str | None) -> str | None:
    """Return the last nine digits of a number that is dialled: country codes are written or not."""
    user = re.sub(r"^(sips?|tel|h323):", "", (uri or "").strip().lower()).partition("@")[0]
    found = re.sub(r"[ .()+-]", "", user)
    return found[-_NUMBER_DIGITS:] if found.isdigit() and len(found) >= _NUMBER_DIGITS else None
