"""What a state belongs to, under one name in database, stream, label and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from monitors.choices import ElementKind

MAX_NAME: Final = 128
"""Characters of a part's name that are kept: a device may say 255, and one that is too long for
the database would keep every other device's transitions out of it."""


@dataclass(frozen=True, slots=True, order=True)
class Element:
    """A thing with a state: `owner` is the stable device key (or service code), `name` the part.

    An interface is named by ifName and not ifIndex, which may change at a reboot
    (RFC 2863, 3.1.5); a neighbour by its address; a device and a UPS have no part.
    """

    kind: ElementKind
    owner: str
    name: str = ""

    @property
    def key(self) -> str:
        """Return the element as one string, `kind:owner` or `kind:owner:name`."""
        return f"{self.kind}:{self.owner}:{self.name}" if self.name else f"{self.kind}:{self.owner}"

    @classmethod
    def parse(cls, key: str) -> Element:
        """Return the element that `key` names.

        Raises:
            ValueError: the kind is unknown or the owner is missing.
        """
        kind, _, rest = key.partition(":")
        owner, _, name = rest.partition(":")
        if not owner:
            raise ValueError(f"{key!r} names no owner")
        return cls(ElementKind(kind), owner, name)

    def __hash__(self) -> int:
        # A kind of the enumeration is hashed by a call of Python; few elements share the rest.
        return hash((self.owner, self.name))

    def __str__(self) -> str:
        return self.key
