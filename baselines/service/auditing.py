"""Judges configuration versions of the vault and writes the findings down with their evidence.

The judging happens at a bench, outside any transaction; each device is written down by itself, so
that one configuration that cannot be judged, or a crash, costs no other device its audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from baselines import packs
from baselines.judging import Judge, Judgement
from baselines.models import AuditFinding, AuditRun
from hatang import audit, clock
from hatang.auth import Permission, require
from hatang.errors import NotFoundError
from inventory import service as inventory
from playbooks import vault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baselines.engine import Finding
    from baselines.packs import Pack
    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession
    from inventory.rows import DeviceRow
    from playbooks.vault import VersionRow

ENGINE: Final = "indent/1"
# Which dialect a platform's configuration is written in; others are not judged yet.
DIALECTS: Final[Mapping[str, str]] = {"cisco_ios": "ios", "arista_eos": "eos", "frr": "frr"}
EXCERPT_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Audited:
    """What became of a batch: the audits by device, those never collected, those that broke.

    A broken one has an audit too, whose every verdict is `error`; `errors` says why.
    """

    audits: dict[str, int] = field(default_factory=dict)
    not_collected: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    device: DeviceRow
    version: VersionRow
    text: str


def audit_device(db: Database, actor: Actor, device: str) -> int:
    """Judge the device's newest configuration by the default pack; returns the audit's id.

    Raises:
        NotFoundError: no such device, or nothing was collected from it.
    """
    with db.read() as session:
        case = _case(session, actor, device)
    with Judge(packs.load()) as judge:
        return _judge(db, actor, judge, case)[0]


def audit_devices(db: Database, actor: Actor, devices: Sequence[str]) -> Audited:
    """Judge many devices, each written down as soon as it was judged.

    Raises:
        DeniedError: the actor may not read findings.
    """
    require(actor, Permission.BASELINE_READ)
    found = Audited()
    with Judge(packs.load()) as judge:
        for device in dict.fromkeys(devices):
            try:
                with db.read() as session:
                    case = _case(session, actor, device)
            except NotFoundError:
                found.not_collected.append(device)
                continue
            found.audits[device], fault = _judge(db, actor, judge, case)
            if fault:
                found.errors[device] = fault
    return found


def _case(session: AnySession, actor: Actor, device: str) -> _Case:
    """Return what is judged: the redacted text, so that an excerpt can never carry a secret."""
    require(actor, Permission.BASELINE_READ)
    row = inventory.get_device(session, actor, device)
    latest = vault.latest(session, actor, row.id)
    version, text = vault.read(session, actor, latest.id)
    return _Case(row, version, text)


def _judge(db: Database, actor: Actor, judge: Judge, case: _Case) -> tuple[int, str]:
    judgement = judge.judge(case.text, DIALECTS.get(case.version.platform, ""))
    with db.write() as session:
        return _write(session, actor, judge.pack, case, judgement), judgement.fault


def _write(
    session: WriteSession, actor: Actor, pack: Pack, case: _Case, judgement: Judgement
) -> int:
    row, version = case.device, case.version
    run = AuditRun(
        scope_id=row.scope_id,
        device_id=row.id,
        version_id=version.id,
        pack=pack.name,
        pack_sha256=pack.sha256,
        engine=ENGINE,
        coverage=judgement.coverage,
        finished_at=clock.now(),
    )
    session.add(run)
    session.flush()
    lines = case.text.splitlines()
    session.add_all(
        AuditFinding(
            run_id=run.id,
            rule_id=finding.rule_id,
            rule_version=finding.rule_version,
            severity=pack.rule(finding.rule_id).severity,
            verdict=finding.verdict,
            reason=finding.reason,
            evidence=_evidence(finding, version, lines, judgement.fault),
        )
        for finding in judgement.findings
    )
    detail = {"version": version.id, "digest": version.digest, "pack_sha256": pack.sha256}
    broken = {"fault": judgement.fault} if judgement.fault else {}
    audit.record(session, actor, "baseline.audit", f"device/{row.id}", detail | broken)
    return run.id


def _evidence(
    finding: Finding, version: VersionRow, lines: list[str], fault: str
) -> dict[str, Any]:
    cited = [number for number in finding.lines if number <= len(lines)]
    evidence = {
        "sha256": version.digest,
        "version": version.id,
        "collected_at": version.collected_at.isoformat(),
        "transport": version.transport,
        "command": version.command,
        "lines": cited,
        "excerpt": [[number, lines[number - 1]] for number in cited[:EXCERPT_LINES]],
    }
    return evidence | {"fault": fault} if fault else evidence
