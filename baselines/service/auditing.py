"""Judges configuration versions of the vault and writes the findings down with their evidence.

The judging happens at a bench, outside any transaction; each device is written down by itself, so
that one configuration that cannot be judged, or a crash, costs no other device its audit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from baselines import packs
from baselines.engine import ENGINE
from baselines.judging import Judge, Judgement, Order
from baselines.models import AuditFinding, AuditRun
from baselines.parsing import dialect
from baselines.parsing.dialects import of_platform
from baselines.service import cases, evidence, facts, overriding
from hatang import audit, clock
from hatang.auth import Permission, require
from hatang.errors import NotFoundError
from inventory import service as inventory
from playbooks import vault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baselines.packs import Pack
    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession
    from inventory.rows import DeviceRow
    from playbooks.vault import VersionRow


@dataclass(frozen=True, slots=True)
class Audited:
    """What became of a batch: the audits by device, those never collected, those that broke.

    A broken one has an audit too, whose every verdict is `error`; `errors` says why.
    """

    audits: dict[str, int] = field(default_factory=dict)
    not_collected: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A device with what is judged, its full text, and what is shown, the redacted one."""

    device: DeviceRow
    version: VersionRow
    shown: str
    order: Order
    sealed: str
    host_keys: tuple[str, ...]


def audit_device(db: Database, actor: Actor, device: str) -> int:
    """Judge the device's newest configuration by the default pack; returns the audit's id.

    Raises:
        NotFoundError: no such device, or nothing was collected from it.
    """
    with db.read() as session:
        subject = _subject(session, actor, device)
    with Judge(packs.load()) as judge:
        return _judge(db, actor, judge, subject)[0]


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
                    subject = _subject(session, actor, device)
            except NotFoundError:
                found.not_collected.append(device)
                continue
            found.audits[device], fault = _judge(db, actor, judge, subject)
            if fault:
                found.errors[device] = fault
    return found


def _subject(session: AnySession, actor: Actor, device: str) -> _Subject:
    """Return what is judged. The full text goes to the judge, which gives back line numbers only;
    excerpts are of the redacted one, so that they can never carry a secret.
    """
    require(actor, Permission.BASELINE_READ)
    row = inventory.get_device(session, actor, device)
    latest = vault.latest(session, actor, row.id)
    version, shown = vault.read(session, actor, latest.id)
    _version, text = vault.read_for_judge(session, actor, latest.id)
    if text.count("\n") != shown.count("\n"):
        text = shown  # a secret over several lines was hidden: cite what can be shown
    spoken = of_platform(version.platform)
    order = Order(
        text=text,
        dialect=spoken,
        facts=_facts(session, actor, row, version),
        overrides=overriding.in_force(session),
        is_whole=bool(spoken and dialect(spoken).ends_with),
    )
    sealed = vault.sealed_address(session, version.id)
    return _Subject(row, version, shown, order, sealed, evidence.host_keys(session, row))


def _facts(
    session: AnySession, actor: Actor, device: DeviceRow, version: VersionRow
) -> Mapping[str, Any]:
    end = inventory.get_support_end(session, actor, device.id)
    age = evidence.age_hours(version.last_seen_at)
    return facts.of_device(device, version, age, (end, clock.now().date()))


def _judge(db: Database, actor: Actor, judge: Judge, subject: _Subject) -> tuple[int, str]:
    judgement = judge.judge(subject.order)
    with db.write() as session:
        return _write(session, actor, judge.pack, subject, judgement), judgement.fault


def _write(
    session: WriteSession, actor: Actor, pack: Pack, subject: _Subject, judgement: Judgement
) -> int:
    row, version, order = subject.device, subject.version, subject.order
    run = AuditRun(
        scope_id=row.scope_id,
        device_id=row.id,
        version_id=version.id,
        pack=pack.name,
        pack_sha256=pack.sha256,
        engine=ENGINE,
        coverage=judgement.coverage,
        facts=dict(order.facts),
        overrides={rule: dict(values) for rule, values in order.overrides.items()},
        result_sha256=judgement.sha256,
        finished_at=clock.now(),
    )
    session.add(run)
    session.flush()
    source = evidence.Source(version, subject.shown, subject.sealed, subject.host_keys)
    severities = {rule.id: rule.severity for rule in pack.rules}
    said = [
        {
            "run_id": run.id,
            "rule_id": finding.rule_id,
            "rule_version": finding.rule_version,
            "severity": severities[finding.rule_id],
            "verdict": finding.verdict,
            "reason": finding.reason,
            "evidence": evidence.of(finding, source, run.finished_at, judgement.fault),
        }
        for finding in judgement.findings
    ]
    if said:  # dozens in one statement: as objects, each takes its own
        session.execute(insert(AuditFinding), said)
    cases.follow(session, run, judgement.findings, severities)
    detail = {
        "version": version.id,
        "digest": version.digest,
        "pack_sha256": pack.sha256,
        "result_sha256": run.result_sha256,
    }
    broken = {"fault": judgement.fault} if judgement.fault else {}
    audit.record(session, actor, "baseline.audit", f"device/{row.id}", detail | broken)
    return run.id
