"""Passwords, keys and certificates of one lab: random, mode 0600, kept for the next `up`.

They survive `down` so that enrolled host keys stay true; `down --purge` forgets them.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

SNMP_USER = "hatang"
OPS_USER = "ops"
NETADMIN_USER = "netadmin"
CERTIFICATE_DAYS = 365


@dataclass
class Secrets:
    """Every secret of the lab, by what it opens."""

    snmp_auth: str
    snmp_priv: str
    ops_password: str
    netadmin_password: str
    switch_password: str
    switch_enable: str
    janus_admin: str
    janus_room: str
    client_key: str
    ca_key: str
    ca_certificate: str
    host_keys: dict[str, str] = field(default_factory=dict)
    server_keys: dict[str, tuple[str, str]] = field(default_factory=dict)

    def host_key(self, node: str) -> str:
        """Return the node's SSH host key (OpenSSH private form), making it on first use."""
        if node not in self.host_keys:
            self.host_keys[node] = new_ssh_key()
        return self.host_keys[node]

    def server_certificate(self, node: str, names: list[str], address: str) -> tuple[str, str]:
        """Return (certificate chain, key) in PEM for a TLS server, signed by the lab's CA."""
        if node not in self.server_keys:
            self.server_keys[node] = _issue(self, names, address)
        return self.server_keys[node]


def load_or_create(path: Path) -> Secrets:
    """Read the lab's secrets, or make them."""
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    ca_key, ca_certificate = _new_authority()
    made = Secrets(
        snmp_auth=_word(),
        snmp_priv=_word(),
        ops_password=_word(),
        netadmin_password=_word(),
        switch_password=_word(),
        switch_enable=_word(),
        janus_admin=_word(),
        janus_room=_word(),
        client_key=new_ssh_key(),
        ca_key=ca_key,
        ca_certificate=ca_certificate,
    )
    save(made, path)
    return made


def _word() -> str:
    return secrets.token_hex(12)  # letters and digits: safe in every configuration language


def save(held: Secrets, path: Path) -> None:
    """Write the secrets, readable by the owner only from the first byte."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(held)))


def certificate_der(chain: str) -> str:
    """Return the first certificate of a PEM chain as the base64 of its DER form."""
    first = x509.load_pem_x509_certificate(chain.encode())
    return base64.b64encode(first.public_bytes(serialization.Encoding.DER)).decode()


def new_ssh_key() -> str:
    """Return a fresh ed25519 key in OpenSSH's private form."""
    return (
        ed25519.Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        .decode()
    )


def public_ssh_key(private: str) -> str:
    """Return `ssh-ed25519 AAAA...` for a private key."""
    key = serialization.load_ssh_private_key(private.encode(), password=None)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        .decode()
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)  # the lab does not import hatang.clock
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
    )


AUTHORITY_NAME = "hatang lab CA"


def _new_authority() -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(AUTHORITY_NAME, AUTHORITY_NAME, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(key), certificate.public_bytes(serialization.Encoding.PEM).decode()


def _issue(held: Secrets, names: list[str], address: str) -> tuple[str, str]:
    authority = serialization.load_pem_private_key(held.ca_key.encode(), password=None)
    if not isinstance(authority, ec.EllipticCurvePrivateKey):
        raise TypeError("the lab's CA key is not an elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    alternatives.append(x509.IPAddress(IPv4Address(address)))
    certificate = (
        _builder(names[0], AUTHORITY_NAME, key)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .sign(authority, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM).decode() + held.ca_certificate
    return chain, _pem(key)
