"""Who reviewed a finding stands beside it while it is what he looked at, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baselines import service
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, NotFoundError
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

pytestmark = pytest.mark.slow

TEXT = "hostname sw1\nsnmp-server community public RO\nend\n"
RULE = "SNM-01"


@pytest.fixture
def switch(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        access = device(session, "sw1", "cisco_ios")
    keep(sqlite_database, access, TEXT)
    service.audit_device(sqlite_database, SYSTEM, "sw1")
    return access


def finding(database: Database) -> service.FindingRow:
    with database.read() as session:
        rows = service.get_findings(session, SYSTEM, "sw1")
    return next(row for row in rows if row.rule_id == RULE)


def review(database: Database, actor: Actor, sha256: str) -> None:
    with database.write() as session:
        service.review(session, actor, ("sw1", RULE), sha256, "đã xem")


@pytest.mark.usefixtures("switch")
def test_the_reviewer_stands_beside_the_finding_in_lists_and_later_audits(
    sqlite_database: Database, approver: Actor
) -> None:
    review(sqlite_database, approver, finding(sqlite_database).sha256)
    service.audit_device(sqlite_database, SYSTEM, "sw1")
    assert finding(sqlite_database).reviewed_by == approver.name
    with sqlite_database.read() as session:
        (listed,) = [
            row
            for row in service.list_findings(session, SYSTEM).items
            if (row.device, row.rule_id) == ("sw1", RULE)
        ]
    assert listed.reviewed_by == approver.name


def test_a_finding_by_other_lines_is_not_reviewed(
    sqlite_database: Database, switch: Access, approver: Actor
) -> None:
    review(sqlite_database, approver, finding(sqlite_database).sha256)
    keep(sqlite_database, switch, TEXT.replace("end", "snmp-server community private RW\nend"))
    service.audit_device(sqlite_database, SYSTEM, "sw1")
    assert finding(sqlite_database).reviewed_by == ""


@pytest.mark.usefixtures("switch")
def test_what_is_no_longer_shown_cannot_be_reviewed(
    sqlite_database: Database, approver: Actor
) -> None:
    with pytest.raises(ConflictError):
        review(sqlite_database, approver, "0" * 64)


@pytest.mark.usefixtures("switch")
def test_an_auditor_reviews_nothing(sqlite_database: Database) -> None:
    auditor = Actor(8, "truc", frozenset({Role.AUDITOR}), None)
    with pytest.raises(DeniedError):
        review(sqlite_database, auditor, finding(sqlite_database).sha256)


@pytest.mark.usefixtures("switch")
def test_a_rule_that_was_not_judged_cannot_be_reviewed(
    sqlite_database: Database, approver: Actor
) -> None:
    with sqlite_database.write() as session, pytest.raises(NotFoundError):
        service.review(session, approver, ("sw1", "XXX-99"), "0" * 64)
