"""Judges configuration versions of the vault and writes the findings down with their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baselines import engine, packs
from baselines.models import AuditFinding, AuditRun
from hatang import audit, clock
from hatang.auth import Permission, require
from hatang.errors import NotFoundError
from hatang.operations import observe
from inventory import service as inventory
from playbooks import vault
from playbooks.configuration import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baselines.packs import Pack
    from hatang.auth import Actor
    from hatang.db import WriteSession
    from playbooks.vault import VersionRow

ENGINE: Final = "indent/1"
# Which dialect a platform's configuration is written in; others are not judged yet.
DIALECTS: Final[Mapping[str, str]] = {"cisco_ios": "ios", "arista_eos": "eos", "frr": "frr"}
EXCERPT_LINES: Final = 20


def audit_device(session: WriteSession, actor: Actor, device: str) -> int:
    """Judge the device's newest configuration by the default pack; returns the audit's id.

    The text judged is the redacted one, so that an excerpt can never carry a secret.

    Raises:
        NotFoundError: no such device, or nothing was collected from it.
    """
    require(actor, Permission.BASELINE_READ)
    row = inventory.get_device(session, actor, device)
    latest = vault.latest(session, actor, row.id)
    version, text = vault.read(session, actor, latest.id)
    pack = packs.load()
    with observe("job", "audit"):
        tree = parse(text)
        dialect = DIALECTS.get(version.platform, "")
        findings = [engine.judge(tree, dialect, rule) for rule in pack.rules]
    run = AuditRun(
        scope_id=row.scope_id,
        device_id=row.id,
        version_id=version.id,
        pack=pack.name,
        pack_sha256=pack.sha256,
        engine=ENGINE,
        coverage=tree.coverage,
        finished_at=clock.now(),
    )
    session.add(run)
    session.flush()
    lines = text.splitlines()
    session.add_all(_finding(run.id, finding, pack, version, lines) for finding in findings)
    detail = {"version": version.id, "digest": version.digest, "pack_sha256": pack.sha256}
    audit.record(session, actor, "baseline.audit", f"device/{row.id}", detail)
    return run.id


def audit_devices(
    session: WriteSession, actor: Actor, devices: Sequence[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Judge many devices; returns the audits by device, and the devices not collected."""
    done: dict[str, int] = {}
    not_collected: list[str] = []
    for device in devices:
        try:
            done[device] = audit_device(session, actor, device)
        except NotFoundError:
            not_collected.append(device)
    return done, tuple(not_collected)


def _finding(
    run_id: int, finding: engine.Finding, pack: Pack, version: VersionRow, lines: list[str]
) -> AuditFinding:
    return AuditFinding(
        run_id=run_id,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        severity=pack.rule(finding.rule_id).severity,
        verdict=finding.verdict,
        reason=finding.reason,
        evidence=_evidence(finding, version, lines),
    )


def _evidence(finding: engine.Finding, version: VersionRow, lines: list[str]) -> dict[str, Any]:
    cited = [number for number in finding.lines if number <= len(lines)]
    return {
        "sha256": version.digest,
        "version": version.id,
        "collected_at": version.collected_at.isoformat(),
        "transport": version.transport,
        "command": version.command,
        "lines": cited,
        "excerpt": [[number, lines[number - 1]] for number in cited[:EXCERPT_LINES]],
    }
