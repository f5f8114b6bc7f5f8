"""Evidence bundles: one ZIP that says by itself how it is verified, with or without hatang.

`SHA256SUMS` names every other file's hash, `SHA256SUMS.sig` is the Ed25519 signature over it by the
key in `key.pem`. Equal contents give equal bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from baselines.engine import excerpt
from hatang import signing
from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"
KEY: Final = "key.pem"
FINDINGS: Final = "findings.json"
README: Final = "README.txt"
COMMAND: Final = (
    "sha256sum --check SHA256SUMS && openssl pkeyutl -verify -pubin -inkey key.pem "
    "-rawin -in SHA256SUMS -sigfile SHA256SUMS.sig"
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time a ZIP knows: bytes must not hang on it
MAXIMUM_FILES: Final = 50_000
MAXIMUM_BYTES: Final = 1024 * 1024 * 1024
_UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError),
    *(NotImplementedError, RuntimeError, KeyError),
)
_RESTORE: Final = "Take the bundle anew from whoever kept it; this one proves nothing."


def pack(files: Mapping[str, bytes], private: bytes) -> bytes:
    """Return the signed bundle of `files`; README, sums, signature and key are added."""
    public = signing.public_of(private)
    pem = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    content = dict(files) | {README: _readme(signing.fingerprint(public)), KEY: pem}
    sums = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(content.items())
    ).encode()
    content |= {SUMS: sums, SIGNATURE: base64.b64decode(signing.sign(private, sums))}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(content):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            bundle.writestr(info, content[name])
    return stream.getvalue()


def verify(data: bytes, trusted: str = "") -> tuple[str, list[Problem]]:
    """Return the fingerprint of the bundle's key and everything wrong with it; empty is good.

    `trusted` is the fingerprint the key must have; without one the caller compares it by himself.
    """
    try:
        files = _opened(data)
    except _UNREADABLE as error:
        return "", [_problem("bundle", "file", f"cannot be read: {error}")]
    missing = [name for name in (SUMS, SIGNATURE, KEY, FINDINGS) if name not in files]
    if missing:
        return "", [_problem(name, "file", "is missing") for name in missing]
    public = _public(files[KEY])
    if public is None:
        return "", [_problem(KEY, "key", "is no Ed25519 key")]
    key = signing.fingerprint(public)
    problems = []
    if trusted and trusted != key:
        problems.append(_problem(KEY, "key", f"is {key}, not the trusted {trusted}"))
    signature = base64.b64encode(files[SIGNATURE]).decode()
    if not signing.is_signed(public, files[SUMS], signature):
        problems.append(_problem(SIGNATURE, "signature", "is not that of these sums"))
    problems += _differing(files)
    return key, problems or list(_uncited(files))


def _opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        entries = bundle.infolist()
        if len({entry.filename for entry in entries}) != len(entries):
            raise ValueError("a file is there twice")
        if len(entries) > MAXIMUM_FILES or sum(e.file_size for e in entries) > MAXIMUM_BYTES:
            raise ValueError("it is too large")
        return {entry.filename: bundle.read(entry) for entry in entries}


def _public(pem: bytes) -> str | None:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError):
        return None
    if not isinstance(key, Ed25519PublicKey):
        return None
    return base64.b64encode(key.public_bytes_raw()).decode()


def _differing(files: Mapping[str, bytes]) -> Iterator[Problem]:
    named: dict[str, str] = {}
    for line in files[SUMS].decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        named[name] = digest
    there = set(files) - {SUMS, SIGNATURE}
    for name in sorted(there - set(named)):
        yield _problem(name, "file", "is not among the signed ones")
    for name in sorted(set(named) - there):
        yield _problem(name, "file", "was signed, but is missing")
    for name in sorted(there & set(named)):
        if hashlib.sha256(files[name]).hexdigest() != named[name]:
            yield _problem(name, "sha256", "is not the file that was signed")


def _uncited(files: Mapping[str, bytes]) -> Iterator[Problem]:
    """What is cited must stand in the texts: the hash of the text, and each line of an excerpt."""
    texts: dict[str, str] = {}
    for name, data in files.items():
        if name.startswith("texts/"):
            texts[hashlib.sha256(data).hexdigest()] = data.decode("utf-8", "replace")
    for finding in json.loads(files[FINDINGS]):
        proof: dict[str, Any] = finding["evidence"]
        where = f"{finding['device']}/{finding['rule_id']}"
        text = texts.get(proof["sha256"])
        if text is None:
            yield _problem(where, "sha256", "cites a text that is not in the bundle")
            continue
        shown = [list(one) for one in proof["excerpt"]]
        cited = [list(one) for one in excerpt(text, [number for number, _line in shown])]
        if cited != shown:
            yield _problem(where, "excerpt", "does not stand in the text")


def _problem(where: str, field: str, text: str) -> Problem:
    return Problem(where, field, "", text, _RESTORE)


def _readme(key: str) -> bytes:
    return f"""hatang: evidence bundle / gói bằng chứng

To verify it offline, unpack it and run in its directory (any Linux with coreutils and OpenSSL 3):
Để kiểm chứng ngoại tuyến, giải nén rồi chạy trong thư mục đó (Linux có coreutils và OpenSSL 3):

  {COMMAND}

or, with hatang / hoặc, nếu có hatang:

  hatang baseline verify BUNDLE.zip

Both say what was changed. The key must be the one the installation that wrote this shows with
`hatang baseline key` (compare it by another way than this file):
Khóa phải trùng với khóa mà hệ thống đã tạo gói này hiển thị bằng `hatang baseline key`:

  {key}

findings.json  every finding with its evidence: hash of the text, lines, excerpt, times, hashes
texts/         the configurations as shown, secrets hidden; each is named by its findings' sha256
sealed/        the full configurations, encrypted, named as `sealed` in the findings: only the
               installation that made this opens them, and the signature shows they are the same
waivers.json   waivers with who asked, who decided, and when they end
overrides.json parameters of rules set otherwise than the pack says
pack/          the rule pack with its own manifest and signature
audit.json     the head of the record of who did what at the time of writing
""".encode()
