"""Audits of what the vault holds: evidence that can be followed, nothing counted that was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baselines import packs, service
from hatang.auth import Actor, Role
from hatang.errors import InvalidInputError, NotFoundError
from hatang.gates import Verdict
from hatang.scope import add
from inventory.rows import Query
from playbooks import vault
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

pytestmark = pytest.mark.slow

TEXT = "hostname sw1\nsnmp-server community s3cr3t RO\nlogging host 10.0.0.9\nend\n"


@pytest.fixture
def switch(database: Database) -> Access:
    with database.write() as session:
        return device(session, "sw1", "cisco_ios")


def audited(database: Database, name: str = "sw1") -> dict[str, service.FindingRow]:
    service.audit_device(database, SYSTEM, name)
    with database.read() as session:
        return {row.rule_id: row for row in service.get_findings(session, SYSTEM, name)}


def test_evidence_names_the_file_by_its_hash_and_the_line(
    database: Database, switch: Access
) -> None:
    version, _ = keep(database, switch, TEXT)
    evidence = audited(database)["SNM-02"].evidence
    with database.read() as session:
        row, text = vault.read(session, SYSTEM, version)
    assert evidence["sha256"] == row.digest
    assert evidence["lines"] == [2]
    assert evidence["excerpt"] == [[2, text.splitlines()[1]]]


def test_no_excerpt_carries_a_secret(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    assert "s3cr3t" not in str([row.evidence for row in audited(database).values()])


def test_every_rule_of_the_pack_gets_a_verdict(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    assert set(audited(database)) == {rule.id for rule in packs.load().rules}


def test_a_device_never_collected_is_not_judged(database: Database, switch: Access) -> None:
    with pytest.raises(NotFoundError):
        service.audit_device(database, SYSTEM, switch.name)
    with database.read() as session:
        found = service.score(session, SYSTEM)
    assert found.not_collected == ("sw1",)
    assert found.ratio is None


def test_only_the_newest_audit_counts(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    audited(database)
    keep(database, switch, TEXT.replace("snmp-server community s3cr3t RO\n", ""))
    assert audited(database)["SNM-02"].verdict == Verdict.PASS
    with database.read() as session:
        found = service.list_findings(session, SYSTEM)
    assert found.total == len(found.items) == len(packs.load().rules)


def test_the_score_counts_passes_among_what_was_judged(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    found = [row.verdict for row in audited(database).values()]
    with database.read() as session:
        score = service.score(session, SYSTEM)
    passed, failed = found.count(Verdict.PASS), found.count(Verdict.FAIL)
    assert score.ratio == passed / (passed + failed)


def test_findings_of_another_scope_are_not_seen(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    audited(database)
    with database.write() as session:
        elsewhere = add(session)
    outsider = Actor(9, "outsider", frozenset({Role.AUDITOR}), frozenset({elsewhere}))
    with database.read() as session:
        assert service.list_findings(session, outsider).total == 0


def test_findings_are_paged_filtered_and_sorted_in_sql(database: Database, switch: Access) -> None:
    keep(database, switch, TEXT)
    audited(database)
    with database.read() as session:
        whole = service.list_findings(session, SYSTEM, Query(sort="rule"))
        part = service.list_findings(session, SYSTEM, Query({}, "", "rule", 2, 1))
        failed = service.list_findings(session, SYSTEM, Query({"verdict": "fail"}))
    assert part.items == whole.items[1:3]
    assert part.total == whole.total == len(packs.load().rules)
    assert {row.verdict for row in failed.items} == {Verdict.FAIL}


def test_an_unknown_column_is_named(database: Database, switch: Access) -> None:
    with database.read() as session, pytest.raises(InvalidInputError, match="colour"):
        service.list_findings(session, SYSTEM, Query(sort="-colour"))
