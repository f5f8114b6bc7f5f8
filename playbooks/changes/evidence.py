"""What proves a change: one ZIP with what was approved, by whom, what was measured and what ended.

`manifest.json` holds the SHA-256 of every other file and is signed with Ed25519; the key comes of
the audit log's, which lies outside the database. So anybody who was given the public key can read
a bundle years later, without hatang: `openssl pkeyutl -verify -rawin` tells whether it is whole.
`plan.json` is exactly what the approved hash was taken of. Secrets are masked.
"""

from __future__ import annotations

import hmac
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from sqlalchemy import select

from hatang import audit, clock
from hatang.audit.chain import AuditSeal
from hatang.audit.models import AuditEntry
from hatang.db.equipment import equipment
from hatang.errors import ConflictError
from playbooks.changes.lines import all_lines
from playbooks.changes.planning import plan_text
from playbooks.changes.reading import checks_of, get_change
from playbooks.models import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.auth import Actor
    from hatang.db import AnySession, Database

MANIFEST, SIGNATURE, KEY, PLAN = "manifest.json", "manifest.sig", "public-key.pem", "plan.json"
OUTSIDE: Final = frozenset({MANIFEST, SIGNATURE, KEY})  # what the manifest does not list
FORM: Final = 1
MAX_BYTES: Final = 64 * 1024 * 1024  # of everything in a bundle, unpacked
_PURPOSE: Final = b"hatang evidence of changes, Ed25519, 1"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a bundle says and what is wrong with it; `is_ours` when hatang here signed it."""

    change: int | None
    plan_sha256: str | None
    files: int
    is_ours: bool
    faults: tuple[str, ...]


def bundle(db: Database, actor: Actor, change_id: int) -> bytes:
    """Return the evidence of a change as a ZIP; exporting it is in the audit log.

    It is read and packed before that is written down, which alone takes the database.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
        ConflictError: it was never planned, so there is nothing to prove.
    """
    with db.read() as session:
        data = _bundle(session, actor, change_id)
    with db.write() as session:
        detail = {"sha256": sha256(data).hexdigest()}
        audit.record(session, actor, "change.evidence", f"change/{change_id}", detail)
    return data


def _bundle(session: AnySession, actor: Actor, change_id: int) -> bytes:
    detail = get_change(session, actor, change_id)
    if detail.change.plan_sha256 is None:
        raise ConflictError(f"change {change_id} was never planned")
    change = session.get_one(Change, change_id)
    told = asdict(detail)
    files = {
        PLAN: plan_text(session, change).encode(),
        "change.json": _json(told["change"] | {"spread": told["spread"]}),
        "impact.json": _json(detail.impact),
        "devices.json": _json(told["targets"]),
        "approvals.json": _json(told["approvals"]),
        "health.json": _json(
            [asdict(one) for one in checks_of(session, change_id, only_bad=False)]
        ),
        "lines.json": _json([asdict(one) for one in all_lines(session, change_id)]),
        "audit.json": _json(_audit(session, change_id)),
    }
    for number, group in enumerate(detail.groups, 1):
        heading = "".join(f"# {name}\n" for name in group.devices)
        files[f"differences/{number:03}.txt"] = (heading + group.diff + "\n").encode()
        files[f"lines/{number:03}.txt"] = (heading + group.rendered + "\n").encode()
    return _packed(files, _signer(session), detail.change.plan_sha256, change_id)


def public_key(session: AnySession) -> str:
    """Return the PEM of the key that this hatang's bundles are signed with."""
    return _pem(_signer(session)).decode()


def verify_bundle(data: bytes, trusted: str | None = None) -> Checked:
    """Return what is wrong with a bundle: touched, missing or added files, or a false signature.

    `trusted` is the PEM of the key it must be signed with; without it only the bundle's own key is
    asked, which proves that it is whole and not who made it.
    """
    try:
        files = _unpacked(data)
        manifest = json.loads(files[MANIFEST])
        listed: dict[str, str] = manifest["files"]
        plan = manifest["plan_sha256"]
        key = files[KEY]
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        return Checked(None, None, 0, is_ours=False, faults=(f"is no evidence bundle: {error}",))
    faults = [f"{name} was changed" for name in listed if _is_touched(files, name, listed)]
    faults += [f"{name} is missing" for name in listed if name not in files]
    faults += [f"{name} was added" for name in files if name not in {*listed, *OUTSIDE}]
    is_ours = trusted is not None and trusted.encode().strip() == key.strip()
    if trusted is not None and not is_ours:
        faults.append("is signed with another key")
    if not _is_signed(files, key):
        faults.append("the signature is false")
    if PLAN in files and sha256(files[PLAN]).hexdigest() != plan:
        faults.append("plan.json is not what was approved")
    return Checked(manifest.get("change"), plan, len(files), is_ours, tuple(sorted(faults)))


def _is_touched(files: Mapping[str, bytes], name: str, listed: Mapping[str, str]) -> bool:
    return name in files and sha256(files[name]).hexdigest() != listed[name]


def _is_signed(files: Mapping[str, bytes], key: bytes) -> bool:
    try:
        load_pem_public_key(key).verify(files[SIGNATURE], files[MANIFEST])  # type: ignore[call-arg, union-attr]
    except (InvalidSignature, ValueError, TypeError, AttributeError, KeyError):
        return False
    return True


def _packed(
    files: dict[str, bytes], signer: Ed25519PrivateKey, plan_sha256: str, change_id: int
) -> bytes:
    manifest = _json(
        {
            "form": FORM,
            "change": change_id,
            "plan_sha256": plan_sha256,
            "exported_at": clock.now(),
            "files": {name: sha256(data).hexdigest() for name, data in sorted(files.items())},
        }
    )
    files = files | {MANIFEST: manifest, SIGNATURE: signer.sign(manifest), KEY: _pem(signer)}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(one.file_size for one in archive.infolist()) > MAX_BYTES:
            raise ValueError("is too large unpacked")
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise ValueError("holds a file twice")
        return {name: archive.read(name) for name in names}


def _audit(session: AnySession, change_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.target == f"change/{change_id}", AuditEntry.sequence.is_not(None))
        .order_by(AuditEntry.sequence)
    )
    return [
        {
            "sequence": row.sequence,
            "at": row.at,
            "actor": row.actor,
            "action": row.action,
            "outcome": row.outcome,
            "detail": row.detail,
            "previous_hash": row.previous_hash,
            "hash": row.hash,
        }
        for row in rows
    ]


def _signer(session: AnySession) -> Ed25519PrivateKey:
    key = equipment(session, AuditSeal).key
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(key, _PURPOSE, "sha256"))


def _pem(signer: Ed25519PrivateKey) -> bytes:
    return signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _json(value: object) -> bytes:
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=_plain)
    return f"{text}\n".encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
