"""Names that have grown old go, and the chain of the audit log verifies as before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from hatang import clock, persons
from hatang.approval.models import Approval
from hatang.audit import AuditEntry, AuditSeal, record, verify
from hatang.audit.persons import conceal, number_pseudonym, pseudonym
from hatang.auth import Actor
from hatang.auth.models import User
from hatang.db.equipment import equipment

if TYPE_CHECKING:
    from hatang.audit import Break
    from hatang.db import Database

NOW = datetime(2026, 11, 29, tzinfo=UTC)
THEN = NOW - timedelta(days=1_200)
LAN, HOA = Actor(1, "lan", frozenset(), None), Actor(2, "hoa", frozenset(), None)
DAYS = 1_100


def key(database: Database) -> bytes:
    with database.read() as session:
        return equipment(session, AuditSeal).key


def breaks(database: Database) -> list[Break]:
    with database.read() as session:
        seal = equipment(session, AuditSeal)
        return verify(session, seal.key, seal.heads)


def entries(database: Database) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))


def forget(database: Database, chunk: int = 500) -> dict[str, int]:
    return {
        each.name: persons.replace(database, each, DAYS, chunk=chunk) for each in persons.holders()
    }


def account(database: Database, name: str, *, is_active: bool = True) -> None:
    with database.write() as session:
        session.add(
            User(
                name=name,
                password_hash="x",
                display_name=name,
                created_at=THEN,
                is_active=is_active,
            )
        )


@pytest.fixture
def log(database: Database) -> Database:
    """Three old entries of two people and one of a process, and a young one."""
    for name in ("lan", "hoa"):
        account(database, name)
    with clock.frozen(THEN):
        for actor, action, target, detail in (
            (LAN, "user.create", "user/hoa", {}),
            (HOA, "incident.take-over", "incident/7", {"before": "lan", "note": "see lan"}),
            (HOA, "http.denied", "/api/v1/users/lan/roles", {"reason": "hoa may not do that"}),
            (Actor.system("push"), "change.push", "change/1", {"before": "8c1f"}),
        ):
            with database.write() as session:
                record(session, actor, action, target, detail)
    with clock.frozen(NOW), database.write() as session:
        record(session, LAN, "change.create", "change/2", {})
    return database


@pytest.fixture(autouse=True)
def now() -> object:
    with clock.frozen(NOW):
        yield


def test_old_entries_name_nobody_and_young_ones_do(log: Database) -> None:
    lan, hoa = pseudonym(key(log), "lan"), pseudonym(key(log), "hoa")
    forget(log)
    found = entries(log)
    assert [row.actor for row in found[:5]] == [lan, hoa, hoa, "push", "lan"]
    assert [row.target for row in found[:3]] == [
        f"user/{hoa}",
        "incident/7",
        f"/api/v1/users/{lan}/roles",
    ]
    assert found[1].detail["before"] == lan
    assert found[2].detail["reason"] == f"{hoa} may not do that"


def test_the_chain_is_whole_before_and_after_with_the_same_hashes(log: Database) -> None:
    assert breaks(log) == []
    before = [row.hash for row in entries(log)]
    assert forget(log)["audit"] == 4
    assert breaks(log) == []
    assert [row.hash for row in entries(log)][: len(before)] == before


@pytest.mark.parametrize("column", ["actor", "target", "detail", "naming", "actor_id"])
def test_an_altered_entry_without_names_is_found(log: Database, column: str) -> None:
    forget(log)
    with log.write() as session:
        value = {"naming": "0", "actor_id": "9", "detail": "'{\"x\": 1}'"}.get(column, "'hoa'")
        session.execute(text(f"UPDATE audit_entry SET {column} = {value} WHERE sequence = 1"))
    assert [(found.sequence, found.kind.value) for found in breaks(log)] == [(1, "altered")]


def test_a_pseudonym_of_another_person_is_found(log: Database) -> None:
    forget(log)
    other = pseudonym(key(log), "hoa")
    with log.write() as session:
        session.execute(text("UPDATE audit_entry SET actor = :x WHERE sequence = 1"), {"x": other})
    assert [found.sequence for found in breaks(log)] == [1]


def test_what_was_written_before_there_were_pseudonyms_still_verifies(database: Database) -> None:
    with clock.frozen(THEN), database.write() as session:
        with session.begin_nested():  # else it is written when the chain is closed
            record(session, LAN, "thing.do", "user/hoa", {})
        session.scalars(select(AuditEntry)).one().naming = 0
    assert forget(database)["audit"] == 0
    assert breaks(database) == []
    assert entries(database)[0].actor == "lan"


def test_chunks_of_any_size_and_a_second_night_come_to_the_same(log: Database) -> None:
    assert forget(log, chunk=1)["audit"] == 4
    assert set(forget(log).values()) == {0}
    assert breaks(log) == []


def test_requester_and_approver_stay_two(log: Database) -> None:
    row = {"subject_kind": "k", "subject_id": "1", "subject_hash": "0", "permission": "p"}
    row |= {"state": "approved", "reason": "r", "requester": "lan", "decided_by": "hoa"}
    with log.write() as session:
        session.add(Approval(**row, created_at=THEN, expires_at=THEN))
    forget(log)
    with log.read() as session:
        found = session.scalars(select(Approval)).one()
    assert (found.requester, found.decided_by) == (
        pseudonym(key(log), "lan"),
        pseudonym(key(log), "hoa"),
    )
    assert found.requester == entries(log)[0].actor


def test_an_account_that_left_loses_name_and_password_and_one_in_use_does_not(
    log: Database,
) -> None:
    account(log, "nga", is_active=False)
    account(log, "tu", is_active=False)
    with log.write() as session:
        record(session, LAN, "user.deactivate", "user/tu", {})
    assert forget(log)["accounts"] == 1
    with log.read() as session:
        found = {row.name: row.password_hash for row in session.scalars(select(User))}
    assert found == {"lan": "x", "hoa": "x", "tu": "x", pseudonym(key(log), "nga"): None}


def test_a_second_account_of_a_name_gets_a_pseudonym_of_its_own(log: Database) -> None:
    account(log, "nga", is_active=False)
    assert forget(log)["accounts"] == 1
    account(log, "nga", is_active=False)
    assert forget(log)["accounts"] == 1
    with log.read() as session:
        names = set(session.scalars(select(User.name))) - {"lan", "hoa"}
    assert len(names) == 2
    assert pseudonym(key(log), "nga") in names
    assert all(name.startswith("person-") for name in names)


def test_what_a_change_found_before_is_no_person(log: Database) -> None:
    forget(log)
    assert entries(log)[3].detail["before"] == "8c1f"


@given(st.text(), st.text(), st.binary(min_size=1))
def test_two_names_have_two_pseudonyms(one: str, other: str, secret: bytes) -> None:
    assert (pseudonym(secret, one) == pseudonym(secret, other)) == (one == other)
    assert len(number_pseudonym(secret, one)) <= 32


@given(st.text(max_size=30), st.text(max_size=30), st.dictionaries(st.text(), st.text()))
def test_no_entry_breaks_concealing(actor: str, target: str, detail: dict[str, str]) -> None:
    entry = AuditEntry(actor_id=1, actor=actor, action="a", target=target, detail=detail)
    shown = conceal(entry, b"key")
    assert shown.detail.keys() == detail.keys()
    assert shown.actor == actor if actor in {"", "-"} else shown.actor != actor
