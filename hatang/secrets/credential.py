"""A credential in memory: it can be used, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from hatang.errors import NotFoundError
from hatang.log import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS: Final[dict[str, frozenset[str]]] = {
    "ssh": frozenset({"username", "password", "private_key", "passphrase", "enable_password"}),
    "snmpv3": frozenset(
        {"username", "auth_protocol", "auth_password", "priv_protocol", "priv_password"}
    ),
    "snmpv2c": frozenset({"community"}),
    "http": frozenset({"username", "password", "token"}),
    "token": frozenset({"token"}),
    "jump": frozenset({"host", "port", "username", "password", "private_key", "passphrase"}),
}
"""Kinds of credentials and the fields each may have."""

NEEDED: Final[dict[str, tuple[frozenset[str], ...]]] = {
    "ssh": (frozenset({"username"}), frozenset({"password", "private_key"})),
    "snmpv3": tuple(frozenset({name}) for name in sorted(FIELDS["snmpv3"])),
    "snmpv2c": (frozenset({"community"}),),
    "http": (frozenset({"password", "token"}),),
    "token": (frozenset({"token"}),),
    "jump": (
        frozenset({"host"}),
        frozenset({"username"}),
        frozenset({"password", "private_key"}),
    ),
}
"""Of each group at least one field must be there."""

OPEN_FIELDS: Final = frozenset({"username", "auth_protocol", "priv_protocol", "host", "port"})
"""Fields that are no secret by themselves; they are sealed all the same."""

CHOICES: Final[dict[str, frozenset[str]]] = {
    # RFC 3414; SHA-2 by RFC 7860
    "auth_protocol": frozenset({"MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"}),
    # RFC 3414, RFC 3826; longer keys by draft-blumenthal-aes-usm-04, or as Cisco's agents (…C)
    "priv_protocol": frozenset({"DES", "AES", "AES192", "AES256", "AES192C", "AES256C"}),
}
"""Values that a field may have: all that our SNMP engine can, but for clear text."""

WEAK: Final[dict[str, frozenset[str]]] = {
    "auth_protocol": frozenset({"MD5"}),  # RFC 6151: not for new designs
    "priv_protocol": frozenset({"DES"}),  # FIPS 46-3, 56 bits; withdrawn in 2005
}
"""Values that only a device which knows nothing better should be given."""


class Credential:
    """Named fields that are told only to those who ask for one by name.

    Every way of turning it into text shows the name and a mask; pickling and copying to JSON
    are refused.
    """

    __slots__ = ("__fields", "kind", "name", "username")

    def __init__(self, name: str, kind: str, fields: Mapping[str, str]) -> None:
        self.name = name
        self.kind = kind
        self.username = fields.get("username", "")
        self.__fields = dict(fields)

    def reveal(self, field: str) -> str:
        """Return the value of `field`; raises NotFoundError when the credential has none."""
        try:
            return self.__fields[field]
        except KeyError:
            raise NotFoundError(f"credential {self.name} has no {field}") from None

    def has(self, field: str) -> bool:
        """Tell whether `field` is there."""
        return field in self.__fields

    def __repr__(self) -> str:
        return f"<Credential {self.name} ({self.kind}) {MASK}>"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"credential {self.name} is never pickled or copied")

    def __dir__(self) -> list[str]:
        return ["has", "kind", "name", "reveal", "username"]
