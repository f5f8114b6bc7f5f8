"""Judges hatang's host by the rules for Linux and hatang itself by its own pack, and keeps it.

Nothing is written to the host. The texts judged are sealed as blobs; what is shown of them is
redacted. Who may read it is who may read the audit log: it tells where hatang is weak.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from baselines import packs
from baselines.engine import ENGINE, excerpt
from baselines.itself import host, own
from baselines.itself.rows import SelfFinding, SelfReport, report_of
from baselines.judging import Judge, Judgement, Order
from baselines.models import SelfAudit
from baselines.service import overriding
from hatang import audit, blobs, clock, jobs, scope
from hatang.auth import Actor, Permission
from hatang.errors import DeniedError
from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from baselines.packs import Pack
    from hatang.db import AnySession, Database, WriteSession
    from hatang.settings import Settings

PACK: Final = "hatang/2026.1"
"""The rules that ask hatang about itself; its host is asked by the pack for all servers."""
JOB: Final = "baselines.judge-itself-now"
AGAIN_AFTER: Final = timedelta(hours=24)
EXCERPT_LINES: Final = 20
_ORDER: Final = ("critical", "high", "medium", "low")
_WORST: Final = (Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    pack: str
    dialect: str
    text: str
    shown: str


def audit_self(db: Database, settings: Settings, actor: Actor) -> SelfReport:
    """Judge hatang's host, settings and accounts now.

    Raises:
        DeniedError: the actor may not read the audit log of the whole province.
    """
    with db.read() as session:
        _require(session, actor)
        overrides = overriding.in_force(session)
    said = host.told()
    mine = own.told(db, settings)
    parts = (
        _Part("host", packs.DEFAULT, "linux", said, host.platform().redact(said)),
        _Part("hatang", PACK, "hatang", mine, mine),
    )
    judged = []
    for part in parts:
        pack = packs.load(part.pack)
        order = Order(part.text, part.dialect, {}, overrides, is_whole=True)
        with Judge(pack) as judge:
            judged.append((part, pack, judge.judge(order)))
    return _keep(db, actor, judged)


def _keep(db: Database, actor: Actor, judged: list[tuple[_Part, Pack, Judgement]]) -> SelfReport:
    findings = sorted(
        (one for each in judged for one in _findings(*each)),
        key=lambda one: (
            one.verdict not in _WORST,
            _ORDER.index(one.severity),
            one.rule_id,
        ),
    )
    told = [asdict(one) for one in findings]
    result = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    with db.write() as session:
        row = SelfAudit(
            finished_at=clock.now(),
            engine=ENGINE,
            packs={pack.name: pack.sha256 for _part, pack, _said in judged},
            sha256={part.name: _hash(part.shown) for part, _pack, _said in judged},
            texts={
                part.name: blobs.put(session, part.text.encode())
                for part, _pack, _said in judged
                if part.text
            },
            findings=told,
            result_sha256=result,
        )
        session.add(row)
        session.flush()
        detail = {"result_sha256": result, "packs": row.packs}
        audit.record(session, actor, "baseline.audit-self", f"self-audit/{row.id}", detail)
        return report_of(row)


def _findings(part: _Part, pack: Pack, said: Judgement) -> Iterator[SelfFinding]:
    """Yield what the rules said that are written for what was judged."""
    rules = {rule.id: rule for rule in pack.rules if part.dialect in rule.dialects}
    for found in said.findings:
        rule = rules.get(found.rule_id)
        if rule is not None:
            yield SelfFinding(
                part.name,
                found.rule_id,
                found.rule_version,
                rule.severity.value,
                found.verdict.value,
                found.reason,
                found.lines,
                tuple(excerpt(part.shown, found.lines[:EXCERPT_LINES])),
            )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def latest(session: AnySession, actor: Actor, at: datetime | None = None) -> SelfReport | None:
    """Return the newest audit of hatang itself, or the newest by `at`; None before the first.

    Raises:
        DeniedError: the actor may not read the audit log of the whole province.
    """
    _require(session, actor)
    statement = select(SelfAudit).order_by(SelfAudit.id.desc()).limit(1)
    if at is not None:
        statement = statement.where(SelfAudit.finished_at <= at)
    row = session.scalar(statement)
    return None if row is None else report_of(row)


def due(session: AnySession) -> bool:
    """Whether hatang is to be judged anew: never, a day ago, or by other rules than now."""
    row = session.scalar(select(SelfAudit).order_by(SelfAudit.id.desc()).limit(1))
    if row is None or row.engine != ENGINE:
        return True
    now = {name: packs.load(name).sha256 for name in (packs.DEFAULT, PACK)}
    return row.packs != now or clock.now() - row.finished_at > AGAIN_AFTER


def audit_due(db: Database, settings: Settings) -> dict[str, int]:
    """Judge hatang itself if it is due; returns how many rules fail, -1 when it was not due."""
    with db.read() as session:
        if not due(session):
            return {"failed": -1}
    report = audit_self(db, settings, Actor.system("audit of hatang itself"))
    return {"failed": report.verdicts[Verdict.FAIL]}


def ask(session: WriteSession, actor: Actor) -> str:
    """Have the worker judge hatang itself; returns the job's key, the same until that is over.

    One is made at a time and at most one a minute: it reads the host and the whole audit log.

    Raises:
        DeniedError: the actor may not read the audit log of the whole province.
    """
    _require(session, actor)
    known = jobs.underway(session, JOB)
    if known is not None:
        return known
    key = f"self-audit/{clock.now():%Y-%m-%dT%H:%M}"
    return jobs.request(session, JOB, {}, key=key, actor=actor.name).key


def audit_asked(db: Database, settings: Settings, asker: str) -> dict[str, int]:
    """Judge hatang itself because `asker` asked for it; returns how many rules fail."""
    report = audit_self(db, settings, Actor.system(f"audit of hatang itself, asked by {asker}"))
    return {"failed": report.verdicts[Verdict.FAIL]}


def _require(session: AnySession, actor: Actor) -> None:
    if not scope.reaches(session, actor.acting(Permission.AUDIT_READ), None):
        raise DeniedError(f"{actor.name} may not read how hatang itself stands")
