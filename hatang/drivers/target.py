"""What a transport connects to, and with which login; no secret shows in any repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self, TypeAlias

SSH_PORT = 22
SNMP_PORT = 161
SIP_PORT = 5060


class Revealer(Protocol):
    """A stored credential; `hatang.secrets.Credential` is one."""

    @property
    def username(self) -> str:
        """The name to log in as; empty for a token."""
        ...

    def reveal(self, name: str, /) -> str:
        """Return the secret called `name`; raises NotFoundError when it has none."""
        ...


@dataclass(slots=True)
class Allowance:
    """A waiver that lets one peer be spoken to over SSH with SHA-1, such as `waiver/17`.

    `used` is what of it the last login took: nothing when the peer knew something better.
    """

    waiver: str
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One peer: `key` is the stable device key used in logs, `host` an address or a name.

    `via` is the jump host whose SSH server reaches it; `legacy` what a waiver allows with it.
    """

    key: str
    host: str
    port: int
    via: Hop | None = field(default=None, repr=False)
    legacy: Allowance | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.key} ({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class SshLogin:
    """A user with a password, a private key (PEM or OpenSSH text), or both."""

    username: str
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    enable_password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, credential: Revealer) -> Self:
        """Take the login out of a credential of kind `ssh`."""
        return cls(
            username=credential.username,
            password=optional(credential, "password"),
            private_key=optional(credential, "private_key"),
            passphrase=optional(credential, "passphrase"),
            enable_password=optional(credential, "enable_password"),
        )


@dataclass(frozen=True, slots=True)
class Hop:
    """A jump host and the login on it; its host key is proven before that leaves, as any other."""

    target: Target
    login: SshLogin

    @classmethod
    def of(cls, credential: Revealer, name: str) -> Self:
        """Take the hop out of the credential `name`, of kind `jump`."""
        port = int(optional(credential, "port") or SSH_PORT)
        return cls(Target(f"jump {name}", credential.reveal("host"), port), SshLogin.of(credential))


class AuthProtocol(StrEnum):
    """SNMPv3 authentication (RFC 3414, RFC 7860).

    MD5 is for agents that know nothing better. NONE is clear text that anybody can forge.
    """

    NONE = "none"
    MD5 = "MD5"
    SHA = "SHA"
    SHA224 = "SHA224"
    SHA256 = "SHA256"
    SHA384 = "SHA384"
    SHA512 = "SHA512"


class PrivProtocol(StrEnum):
    """SNMPv3 privacy (RFC 3414, RFC 3826; draft-blumenthal-aes-usm-04 for longer keys).

    AES192C and AES256C lengthen keys as draft-reeder-snmpv3-usm-3desede does; Cisco's agents do
    so. DES is for agents that know nothing better. NONE is authenticated clear text.
    """

    NONE = "none"
    DES = "DES"
    AES = "AES"
    AES192 = "AES192"
    AES256 = "AES256"
    AES192C = "AES192C"
    AES256C = "AES256C"


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """An SNMPv3 user; stored credentials give level authPriv, weaker ones are made in code only."""

    username: str
    auth_password: str = field(repr=False)
    priv_password: str = field(repr=False)
    auth_protocol: AuthProtocol = AuthProtocol.SHA
    priv_protocol: PrivProtocol = PrivProtocol.AES

    @classmethod
    def of(cls, credential: Revealer) -> Self:
        """Take the user out of a credential of kind `snmpv3`."""
        return cls(
            username=credential.username,
            auth_password=credential.reveal("auth_password"),
            priv_password=credential.reveal("priv_password"),
            auth_protocol=AuthProtocol(optional(credential, "auth_protocol") or "SHA"),
            priv_protocol=PrivProtocol(optional(credential, "priv_protocol") or "AES"),
        )


@dataclass(frozen=True, slots=True)
class SnmpCommunity:
    """SNMPv2c or, with `version` "1", SNMPv1; both are clear text.

    `waiver` names the waiver that allows it for this device.
    """

    community: str = field(repr=False)
    waiver: str
    version: str = "2c"

    def __post_init__(self) -> None:
        if self.version not in {"1", "2c"}:
            raise ValueError(f"{self.version!r} is no version with a community: give 1 or 2c")
        if not self.waiver:
            raise ValueError("SNMPv2c needs a waiver: name it, or give the device an SNMPv3 user")

    @classmethod
    def of(cls, credential: Revealer, name: str) -> Self:
        """Take the community out of the credential `name`, of kind `snmpv2c`.

        That a person stored such a credential is the waiver; `hatang doctor` keeps naming it.
        """
        return cls(community=credential.reveal("community"), waiver=f"credential/{name}")


SnmpLogin: TypeAlias = SnmpUser | SnmpCommunity
"""Whatever a reader of SNMP may be given; only the first is private."""


def optional(credential: Revealer, name: str) -> str | None:
    """Return a secret a credential need not have; None when it is absent or empty."""
    try:
        return credential.reveal(name) or None
    except LookupError:
        return None
