"""What is too old goes at night, in chunks; what proves something stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from baselines.models import AuditFinding, AuditRun
from cli.wiring.jobs import JOB_MODULES
from conference.models import ReadinessRun
from hatang import audit, clock, retention
from hatang.audit import HeadFile
from hatang.datadir import Places, load_audit_key
from hatang.jobs import JOBS
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from hatang.settings.model import RetentionSettings
from monitors.models import HintRow, RollupRow, SilenceRow, TransitionRow
from playbooks.models import PlaybookEvent, PlaybookRun
from tests.playbooks.records import device, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.db import Database, WriteSession

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = {
    "baselines.audits",
    "baselines.self-audits",
    "baselines.server-scans",
    "conference.participants",
    "conference.readiness",
    "inventory.station-addresses",
    "inventory.stations",
    "monitors.hints",
    "monitors.rollups",
    "monitors.silences",
    "monitors.transitions",
    "playbooks.past-drifts",
    "playbooks.run-events",
}


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def transition(number: int, days: int) -> TransitionRow:
    return TransitionRow(
        monitor="m",
        epoch="e",
        sequence=number,
        element="device:r1",
        scope_id=None,
        from_state="good",
        to_state="bad",
        cause="timeout",
        at=days_ago(days),
        evidence={},
    )


def rolled_up(key: str, days: int) -> RollupRow:
    return RollupRow(
        kind="device",
        key=key,
        metric="availability",
        day=days_ago(days).date(),
        samples=288,
        expected=288,
        average=1.0,
        percentile95=1.0,
        maximum=1.0,
        hours=[1.0] * 24,
        source="prometheus",
        is_whole=True,
    )


def hint(days: int) -> HintRow:
    return HintRow(
        at=days_ago(days),
        last_at=days_ago(days),
        owner="r1",
        element="device:r1",
        scope_id=None,
        kind="restarted",
        source="trap",
        rule="standard.coldStart",
        detail={},
        count=1,
        is_verified=True,
    )


def silence(days: int) -> SilenceRow:
    return SilenceRow(monitor="m", starts_at=days_ago(days + 1), ends_at=days_ago(days))


def audited(session: WriteSession, access: tuple[int, int, int], days: int) -> None:
    scope_id, device_id, version = access
    run = AuditRun(
        scope_id=scope_id,
        device_id=device_id,
        version_id=version,
        pack="core",
        pack_sha256="0",
        engine="x",
        coverage=1.0,
        finished_at=days_ago(days),
    )
    session.add(run)
    session.flush()
    what = {"rule_id": "R", "rule_version": 1, "severity": "low", "verdict": "pass"}
    session.add(AuditFinding(run_id=run.id, reason="tested", evidence={}, **what))


@pytest.fixture
def history(database: Database) -> Database:
    """Of everything something old and something young."""
    with database.write() as session:
        access = device(session)
    version, _ = keep(database, access, "hostname r1\nline\n")
    with database.write() as session:
        session.add_all(rolled_up("r1", days) for days in (1831, 1829, 1))
        session.add_all(hint(days) for days in (31, 29))
        session.add_all(silence(days) for days in (401, 399))
        session.add_all(transition(n, days) for n, days in enumerate((900, 500, 401, 399, 1)))
        for days in (1_500, 1_200, 800, 10):
            audited(session, (access.scope_id, access.device_id, version), days)
        run = PlaybookRun(
            playbook="x",
            devices=[],
            is_check_mode=True,
            state="failed",
            requester="r",
            created_at=days_ago(900),
        )
        session.add(run)
        session.flush()
        session.add_all(
            PlaybookEvent(run_id=run.id, sequence=n, kind="k", detail={}, at=days_ago(days))
            for n, days in enumerate((900, 900, 10))
        )
    return database


def counts(database: Database) -> dict[str, int]:
    models = (TransitionRow, AuditRun, AuditFinding, PlaybookEvent, PlaybookRun, ReadinessRun)
    with database.read() as session:
        return {
            model.__name__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in models
        }


def test_every_package_tells_what_grows_old() -> None:
    assert JOB_MODULES
    assert {policy.name for policy in retention.policies()} == NAMES
    assert JOBS.get("hatang.retention").cron == retention.NIGHTLY


def test_the_plan_counts_and_changes_nothing(history: Database, tmp_path: Path) -> None:
    before = counts(history)
    with history.read() as session:
        found = {each.name: each for each in retention.due(session, Settings(data_dir=tmp_path))}
    assert {name: each.rows for name, each in found.items()} == {
        "baselines.audits": 2,
        "baselines.self-audits": 0,
        "baselines.server-scans": 0,
        "conference.participants": 0,
        "conference.readiness": 0,
        "inventory.station-addresses": 0,
        "inventory.stations": 0,
        "monitors.hints": 1,
        "monitors.rollups": 1,
        "monitors.silences": 1,
        "monitors.transitions": 3,
        "playbooks.past-drifts": 0,
        "playbooks.run-events": 2,
    }
    assert found["baselines.audits"].parts == 2
    assert counts(history) == before


def test_the_nightly_job_takes_away_what_was_planned(history: Database, tmp_path: Path) -> None:
    engine = MemoryEngine(history, Settings(data_dir=tmp_path))
    engine.enqueue("hatang.retention", {}, key="night")
    assert engine.status("night").result == {
        "baselines.audits": 2,
        "baselines.self-audits": 0,
        "baselines.server-scans": 0,
        "conference.participants": 0,
        "conference.readiness": 0,
        "inventory.station-addresses": 0,
        "inventory.stations": 0,
        "monitors.hints": 1,
        "monitors.rollups": 1,
        "monitors.silences": 1,
        "monitors.transitions": 3,
        "playbooks.past-drifts": 0,
        "playbooks.run-events": 2,
    }
    assert counts(history) == {
        "TransitionRow": 2,
        "AuditRun": 2,
        "AuditFinding": 2,
        "PlaybookEvent": 1,
        "PlaybookRun": 1,
        "ReadinessRun": 0,
    }


def test_chunks_of_any_size_take_the_same(history: Database) -> None:
    (policy,) = [each for each in retention.policies() if each.name == "monitors.transitions"]
    assert retention.purge(history, policy, 400, chunk=1) == 3
    assert retention.purge(history, policy, 400, chunk=1) == 0


def test_the_newest_audit_of_a_device_stays_however_old(history: Database) -> None:
    (policy,) = [each for each in retention.policies() if each.name == "baselines.audits"]
    with clock.frozen(NOW + timedelta(days=5_000)):
        retention.purge(history, policy, 1_100)
    assert counts(history)["AuditRun"] == 1


def test_the_audit_log_stays_whole_and_tells_what_went(
    history: Database, data_dir: Path, tmp_path: Path
) -> None:
    engine = MemoryEngine(history, Settings(data_dir=tmp_path))
    engine.enqueue("hatang.retention", {}, key="night")
    places = Places.under(data_dir)
    with history.read() as session:
        breaks = audit.verify(
            session, load_audit_key(places.audit_key), HeadFile(places.audit_heads)
        )
    assert breaks == []


def test_evidence_is_never_kept_for_less_than_two_years() -> None:
    with pytest.raises(ValidationError):
        RetentionSettings(audits_days=730)
