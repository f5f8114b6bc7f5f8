"""What OpenSCAP said of servers: taken in by a person, kept with its file, never in a score."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from baselines import scap
from baselines.models import ServerScan
from baselines.scap import ScanFinding
from hatang import audit, blobs, clock, scope
from hatang.auth import Permission
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.models import Device

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from baselines.scap import Scan
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import DeviceRow


@dataclass(frozen=True, slots=True)
class ScanRow:
    """One scan; `verdicts` counts its findings, `target` is what the scanner calls the server."""

    id: int
    device: str
    benchmark: str
    profile: str
    target: str
    scanner: str
    ended_at: datetime
    verdicts: dict[str, int]
    sha256: str
    author: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Who had a scan made or took it in; `run` says how hatang ran it, for the audit log."""

    author: str
    run: Mapping[str, Any] = field(default_factory=dict)


def import_scan(
    session: WriteSession, actor: Actor, device: str, filename: str, data: bytes, *, zone: tzinfo
) -> int:
    """Keep what OpenSCAP wrote about `device`; returns the scan's id.

    `zone` is where the server's clock stands, for times that name none.

    Raises:
        DeniedError: the actor may not read configurations, as for every audit.
        NotFoundError: there is no such device, or it lies where the actor may not read any.
        InvalidInputError: as `scap.read`.
    """
    row = server(session, actor, device)
    found = scap.read(data, filename, zone)
    return keep(session, actor, row, found, data, source=Source(actor.name))


def server(session: AnySession, actor: Actor, device: str) -> DeviceRow:
    """Return a server whose scans the actor may take in; raises as `import_scan`."""
    return inventory.get_device(session, actor.acting(Permission.VAULT_READ), device)


def keep(
    session: WriteSession,
    actor: Actor,
    row: DeviceRow,
    found: Scan,
    data: bytes,
    *,
    source: Source,
) -> int:
    """Keep `found`, which is what `data` says; returns the scan's id."""
    scan = ServerScan(
        scope_id=row.scope_id,
        device_id=row.id,
        benchmark=found.benchmark,
        profile=found.profile,
        target=found.target,
        scanner=found.scanner,
        ended_at=found.ended_at,
        findings=[asdict(one) for one in found.findings],
        sha256=hashlib.sha256(data).hexdigest(),
        blob=blobs.put(session, data),
        author=source.author,
        created_at=clock.now(),
    )
    session.add(scan)
    session.flush()
    detail = {"scan": scan.id, "sha256": scan.sha256, "benchmark": scan.benchmark}
    verb = "baseline.scan" if source.run else "baseline.import-scan"
    audit.record(session, actor, verb, f"device/{row.id}", detail | dict(source.run))
    return scan.id


def list_scans(session: AnySession, actor: Actor, device: str = "") -> list[ScanRow]:
    """Return scans, the newest first, of one device where it is named."""
    statement = _visible(actor).order_by(ServerScan.ended_at.desc(), ServerScan.id.desc())
    if device:
        statement = statement.where(Device.name == device)
    return [_row(*found) for found in session.execute(statement)]


def get_scan(session: AnySession, actor: Actor, number: int) -> tuple[ScanRow, list[ScanFinding]]:
    """Return a scan with what it found, failures first; raises NotFoundError."""
    found = session.execute(_visible(actor).where(ServerScan.id == number)).first()
    if found is None:
        raise NotFoundError(f"there is no scan {number}")
    findings = [ScanFinding(**one) for one in found[0].findings]
    return _row(*found), sorted(findings, key=lambda one: (one.verdict != "fail", one.rule_id))


def _visible(actor: Actor) -> Select[ServerScan, str]:
    acting = actor.acting(Permission.BASELINE_READ)
    return (
        select(ServerScan, Device.name)
        .join(Device, Device.id == ServerScan.device_id)
        .where(scope.visible(acting, ServerScan.scope_id))
    )


def _row(scan: ServerScan, device: str) -> ScanRow:
    return ScanRow(
        scan.id,
        device,
        scan.benchmark,
        scan.profile,
        scan.target,
        scan.scanner,
        scan.ended_at,
        dict(sorted(Counter(one["verdict"] for one in scan.findings).items())),
        scan.sha256,
        scan.author,
        scan.created_at,
    )
