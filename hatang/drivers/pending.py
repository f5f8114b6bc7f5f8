"""A commit that waits on a device for its confirmation, as far as the device tells whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNCONFIRMED_SECONDS: Final = 120
"""A commit nobody asked to be timed still undoes itself after that."""


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """What the device says of it; None where it does not say.

    `name` is the identifier it keeps the commit under, `user` the login that armed the timer,
    `seconds` the timer's whole length.
    """

    name: str | None = None
    user: str | None = None
    seconds: int | None = None
