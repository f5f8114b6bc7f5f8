"""Puts findings with everything that proves them into one signed bundle."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from baselines import bundles, packs
from baselines.service.overriding import list_overrides
from baselines.service.reading import list_findings, score
from baselines.service.waiving import list_waivers
from hatang import __version__, audit, blobs, clock
from hatang.audit.models import AuditEntry
from hatang.auth import Permission, require
from inventory.rows import EVERYTHING, Query
from playbooks import vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import WriteSession
    from hatang.errors import Problem


def bundle(
    session: WriteSession,
    actor: Actor,
    private: bytes,
    *,
    filters: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> bytes:
    """Return the signed bundle of the findings the actor sees, as they stood at `at`.

    That it was made stands in the audit log.

    Raises:
        DeniedError: the actor may not read findings or configurations.
        InvalidInputError: an unknown column to filter by.
    """
    require(actor, Permission.VAULT_READ)
    rows = list_findings(session, actor, Query(dict(filters or {}), limit=None), at).items
    files: dict[str, bytes] = {bundles.FINDINGS: _json([asdict(row) for row in rows])}
    for version in sorted({row.evidence["version"] for row in rows}):
        found, text = vault.read(session, actor, version)
        files[f"texts/{_safe(found.device)}-{version}.txt"] = text.encode()
        address = vault.sealed_address(session, version)
        files[f"sealed/{address}"] = blobs.sealed(session, address)
    files["score.json"] = _json(asdict(score(session, actor, at)))
    files["waivers.json"] = _json(
        [asdict(row) for row in list_waivers(session, actor, EVERYTHING).items]
    )
    files["overrides.json"] = _json([asdict(row) for row in list_overrides(session, actor)])
    for name in sorted({row.pack for row in rows} & set(packs.names())):
        for path in sorted((packs.DIRECTORY / name).iterdir()):
            files[f"pack/{name}/{path.name}"] = path.read_bytes()
    audit.record(
        session, actor, "baseline.bundle", "baselines", {"findings": len(rows), "as_of": str(at)}
    )
    told = {"hatang": __version__, "made_at": clock.now(), "as_of": at, "by": actor.name}
    files["audit.json"] = _json(told | _head(session))
    return bundles.pack(files, private)


def verify_bundle(data: bytes, trusted: str = "") -> tuple[str, list[Problem]]:
    """Return the fingerprint of a bundle's key and everything wrong with it; empty is good."""
    return bundles.verify(data, trusted)


def _head(session: WriteSession) -> dict[str, Any]:
    """Return the head of the audit chain as it stands outside the database too."""
    statement = select(AuditEntry.sequence, AuditEntry.hash).where(AuditEntry.hash.is_not(None))
    found = session.execute(statement.order_by(AuditEntry.sequence.desc()).limit(1)).first()
    return {"sequence": found[0], "hash": found[1]} if found else {}


def _json(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return text.encode() + b"\n"


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name)[:100]
