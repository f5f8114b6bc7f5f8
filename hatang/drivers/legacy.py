"""SSH with SHA-1, for one device under a waiver: old IOS, VRP and Comware speak nothing else.

paramiko 5 dropped both the key exchange over group 14 with SHA-1 (RFC 4253 section 8.2) and RSA
signatures with SHA-1 (`ssh-rsa`, section 6.6). They stand here as subclasses, offered after all
that is better, so that a device whose software was renewed speaks the better at once. The group of
1024 bits and Telnet are not here.
"""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, Any, ClassVar, Final

import paramiko
from cryptography.hazmat.primitives import hashes
from paramiko.kex_gex import KexGexSHA256
from paramiko.kex_group14 import KexGroup14SHA256

if TYPE_CHECKING:
    from hatang.drivers.target import Allowance

SHA1_SIGNATURE: Final = "ssh-rsa"
_BASE: Any = paramiko.Transport  # its tables of algorithms are not typed


class _Group14(KexGroup14SHA256):
    transport: Any
    name = "diffie-hellman-group14-sha1"
    hash_algo = sha1

    def start_kex(self) -> None:
        """Begin, and leave word of it: paramiko forgets its exchange once it is done."""
        self.transport.weak_exchange = self.name
        super().start_kex()


class _Exchange(KexGexSHA256):
    transport: Any
    name = "diffie-hellman-group-exchange-sha1"
    hash_algo = sha1

    def start_kex(self, *arguments: Any, **named: Any) -> None:
        """Begin, and leave word of it."""
        self.transport.weak_exchange = self.name
        super().start_kex(*arguments, **named)


class _Sha1RsaKey(paramiko.RSAKey):
    HASHES: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        **paramiko.RSAKey.HASHES,
        SHA1_SIGNATURE: hashes.SHA1,
    }


_WEAK: Final = frozenset({_Group14.name, _Exchange.name, SHA1_SIGNATURE})


class LegacyTransport(paramiko.Transport):
    """A transport that also speaks SHA-1, when the peer knows nothing better."""

    _kex_info: ClassVar[dict[str, Any]] = {
        **_BASE._kex_info,  # noqa: SLF001 - paramiko has no door to it
        _Exchange.name: _Exchange,
        _Group14.name: _Group14,
    }
    _preferred_kex = (*_BASE._preferred_kex, _Exchange.name, _Group14.name)  # noqa: SLF001
    _key_info: ClassVar[dict[str, Any]] = {
        **_BASE._key_info,  # noqa: SLF001
        SHA1_SIGNATURE: _Sha1RsaKey,
    }
    _preferred_keys = (*_BASE._preferred_keys, SHA1_SIGNATURE)  # noqa: SLF001
    _preferred_pubkeys = (*_BASE._preferred_pubkeys, SHA1_SIGNATURE)  # noqa: SLF001

    weak_exchange: str = ""
    host_key_type: str

    @property
    def preferred_pubkeys(self) -> tuple[str, ...]:
        """Sign with SHA-1 first where the server does: old ones do not say what they take."""
        names = tuple(super().preferred_pubkeys)
        if self.host_key_type != SHA1_SIGNATURE:
            return names
        return (SHA1_SIGNATURE, *(name for name in names if name != SHA1_SIGNATURE))

    @staticmethod
    def weak(transport: paramiko.Transport) -> tuple[str, ...]:
        """Return which of what was agreed on after the key exchange needs the waiver."""
        started: Any = transport
        agreed = (getattr(started, "weak_exchange", ""), started.host_key_type)
        return tuple(name for name in agreed if name in _WEAK)


def signing_with_sha1(key: paramiko.PKey) -> paramiko.PKey:
    """Return an RSA key that can also sign with SHA-1; any other as it is."""
    if isinstance(key, paramiko.RSAKey):
        return _Sha1RsaKey(key=key.key)
    return key


class LegacyClient(paramiko.SSHClient):
    """What netmiko opens instead of paramiko's own client."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__()
        self._allowance = allowance

    def connect(self, *arguments: Any, **named: Any) -> None:
        """Connect as paramiko does, with the older algorithms at hand."""
        if named.get("pkey") is not None:
            named["pkey"] = signing_with_sha1(named["pkey"])
        named["transport_factory"] = LegacyTransport
        super().connect(*arguments, **named)
        transport = self.get_transport()
        self._allowance.used = LegacyTransport.weak(transport) if transport is not None else ()
