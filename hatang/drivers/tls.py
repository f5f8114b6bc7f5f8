"""Proof of a TLS server before anything is sent to it: by a CA file, or by its certificate.

A pinned certificate is compared inside the handshake, so no library on top (httpx, http.client,
pyeapi, asyncio) can send a request, and with it a password, before the comparison.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

from hatang.errors import InvalidInputError, Problem

_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """How a server proves itself.

    With `sha256` (hex, colons allowed, of the DER certificate) only that certificate counts and
    names and dates do not; with `ca_file` a chain to it and the name count; with neither the
    system's authorities.
    """

    ca_file: Path | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        if self.sha256 is not None and not _SHA256_HEX.fullmatch(_plain(self.sha256)):
            fix = "Give 64 hexadecimal digits, as `openssl x509 -fingerprint -sha256` prints them."
            message = "is not a SHA-256 fingerprint"
            raise InvalidInputError([Problem("tls", "sha256", self.sha256, message, fix)])

    @classmethod
    def pinned(cls, certificate_der: bytes) -> Self:
        """Trust exactly this certificate."""
        return cls(sha256=hashlib.sha256(certificate_der).hexdigest())

    def context(self) -> ssl.SSLContext:
        """Return a context that proves the server in every handshake.

        Whoever trusts the same shares one, for as long as its file is as it was read: to read the
        system's authorities takes some 10 ms of processor, and a province has hundreds of servers.
        """
        path = self.ca_file or Path(ssl.get_default_verify_paths().openssl_cafile)
        return _context(self, _stamp(path))


@lru_cache(maxsize=64)
def _context(trust: TlsTrust, _stamp: tuple[int, int, int]) -> ssl.SSLContext:
    if trust.sha256 is not None:
        return PinnedContext.of(_plain(trust.sha256))
    cafile = None if trust.ca_file is None else str(trust.ca_file)
    return ssl.create_default_context(cafile=cafile)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size


class PinnedContext(ssl.SSLContext):
    """A client context that accepts one certificate and nothing else."""

    sha256 = ""

    @classmethod
    def of(cls, sha256: str) -> PinnedContext:
        """Return a context for the certificate with this fingerprint (plain hex)."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the fingerprint below is the stronger check
        context.sha256 = sha256
        context.sslsocket_class = _PinnedSocket
        context.sslobject_class = _PinnedObject
        return context

    def check(self, certificate: bytes | None) -> None:
        """Raise SSLCertVerificationError unless `certificate` (DER) is the pinned one."""
        found = hashlib.sha256(certificate or b"").hexdigest()
        if not self.sha256 or not hmac.compare_digest(found, self.sha256):
            raise ssl.SSLCertVerificationError(
                f"the server's certificate is {found}, pinned is {self.sha256}"
            )


class _PinnedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's signature
        super().do_handshake(block)
        _check(self.context, self.getpeercert(binary_form=True))


class _PinnedObject(ssl.SSLObject):
    def do_handshake(self) -> None:
        super().do_handshake()
        _check(self.context, self.getpeercert(binary_form=True))


def _check(context: ssl.SSLContext, certificate: bytes | None) -> None:
    if not isinstance(context, PinnedContext):
        raise ssl.SSLCertVerificationError("the pinned context was exchanged for another")
    context.check(certificate)


def _plain(fingerprint: str) -> str:
    return fingerprint.replace(":", "").replace(" ", "").lower()
