"""Who acts through the command, and what the audit log keeps of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from cli import exits
from hatang.audit import AuditEntry

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang


def entries(hatang: Hatang, action: str = "cli.command") -> list[AuditEntry]:
    with hatang.database.read() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return list(found)


def test_somebody_unknown_may_do_nothing(hatang: Hatang) -> None:
    ran = hatang("device", "list", "--as", "nobody")
    assert ran.status == exits.DENIED
    assert ran.err.startswith("hatang: nobody is no user of hatang\n")
    assert "--as USER" in ran.err


def test_the_account_stands_for_the_person_when_nobody_is_named(hatang: Hatang) -> None:
    assert hatang("device", "list").status == exits.DENIED


def test_what_is_written_says_who_and_through_which_account(hatang: Hatang) -> None:
    assert hatang("user", "grant", "khach", "viewer", "--as", "truong").status == exits.OK
    (entry,) = entries(hatang)
    assert (entry.actor, entry.target, entry.outcome) == ("truong", "user grant", "ok")
    assert entry.detail["account"]


def test_a_denied_attempt_reaches_the_audit_log(hatang: Hatang) -> None:
    assert hatang("user", "list", "--as", "khach").status == exits.DENIED
    (entry,) = entries(hatang)
    assert (entry.actor, entry.outcome) == ("khach", "denied")


def test_the_chain_is_whole_after_it_all(hatang: Hatang) -> None:
    hatang("user", "grant", "khach", "viewer", "--as", "truong")
    ran = hatang("audit-log", "verify", "--as", "minh", "--format", "json")
    assert (ran.status, json.loads(ran.out)) == (exits.OK, [])


def test_an_altered_entry_is_found(hatang: Hatang) -> None:
    hatang("user", "grant", "khach", "viewer", "--as", "truong")
    with hatang.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET actor = 'khach' WHERE sequence = 2")
        connection.commit()
    ran = hatang("audit-log", "verify", "--as", "minh")
    assert ran.status == exits.FAILED
    assert "altered" in ran.out
