"""One configuration that cannot be judged is an error with its reason, and spoils no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baselines import packs, service
from baselines.judging import Judge
from baselines.models import AuditRun
from baselines.service import auditing
from hatang.gates import Verdict
from hatang.workshop import Limits
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from baselines.packs import Pack
    from hatang.db import Database

LIMITS = Limits(seconds=3, cpu_seconds=3)
NAMES = ("before", "broken", "after")


@pytest.fixture(autouse=True)
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(pack: Pack) -> Judge:
        return Judge(pack, LIMITS, "tests.baselines.breaking:judge_or_break")

    monkeypatch.setattr(auditing, "Judge", judge)


def batch(database: Database, verb: str) -> service.Audited:
    with database.write() as session:
        switches = [device(session, name, "cisco_ios") for name in NAMES]
    for switch in switches:
        name = verb if switch.name == "broken" else switch.name
        keep(database, switch, f"hostname {name}\nlogging host 10.0.0.9\nend\n")
    return service.audit_devices(database, SYSTEM, NAMES)


def verdicts(database: Database, name: str) -> set[tuple[str, str]]:
    with database.read() as session:
        found = service.get_findings(session, SYSTEM, name)
    assert len(found) == len(packs.load().rules)
    return {(row.verdict, row.reason) for row in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "reason"), [("dies", "died"), ("hangs", "out_of_time"), ("raises", "raised")]
)
def test_what_breaks_the_judge_is_an_error_and_the_others_are_judged(
    sqlite_database: Database, verb: str, reason: str
) -> None:
    done = batch(sqlite_database, verb)
    assert set(done.audits) == set(NAMES)
    assert list(done.errors) == ["broken"]
    assert verdicts(sqlite_database, "broken") == {(Verdict.ERROR, reason)}
    for name in ("before", "after"):
        assert Verdict.ERROR not in {verdict for verdict, _ in verdicts(sqlite_database, name)}


@pytest.mark.slow
def test_an_error_is_no_pass_and_says_why(database: Database) -> None:
    done = batch(database, "dies")
    with database.read() as session:
        found = service.get_findings(session, SYSTEM, "broken")
        run = session.get_one(AuditRun, done.audits["broken"])
        score = service.score(session, SYSTEM)
    assert {row.evidence["fault"] for row in found} == {done.errors["broken"]}
    assert run.coverage is None
    assert score.verdicts[Verdict.ERROR] == len(found)


def test_a_batch_that_is_cut_short_keeps_what_was_judged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = auditing._write

    def crash_at_the_second(*given: object) -> int:
        if given[3].device.name == "broken":  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(auditing, "_write", crash_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        batch(database, "well")
    assert verdicts(database, "before")
