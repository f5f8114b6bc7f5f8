from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import approval, clock, scope
from hatang.approval import State, Subject
from hatang.audit import AuditEntry
from hatang.auth import Actor, Permission, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database, WriteSession

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CHANGE = Subject("change", "17", "a" * 64)
MAY = Permission.CHANGE_APPROVE


@pytest.fixture(autouse=True)
def hand() -> Iterator[Hand]:
    with clock.frozen(START) as hand:
        yield hand


def ask(session: WriteSession, actor: Actor, subject: Subject = CHANGE) -> int:
    expires_at = clock.now() + timedelta(hours=4)
    return approval.request(session, actor, subject, MAY, reason="vá lỗi", expires_at=expires_at)


def approve(session: WriteSession, actor: Actor, approval_id: int, digest: str = "a" * 64) -> None:
    approval.decide(session, actor, approval_id, digest, approve=True)


def test_another_person_approves_exactly_what_was_asked(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    with database.write() as session:
        asked = ask(session, engineer)
        approve(session, approver, asked)
        assert approval.require_approved(session, "change", "17", "a" * 64) == asked
        with pytest.raises(ConflictError):
            approval.require_approved(session, "change", "17", "b" * 64)
    with database.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
    assert actions == ["approval.request", "approval.approve"]


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.ADMIN, Role.APPROVER])
def test_who_asked_never_decides(database: Database, role: Role) -> None:
    asker = Actor(5, "minh", frozenset({role, Role.APPROVER}), None)
    with database.write() as session:
        asked = ask(session, asker)
        with pytest.raises(DeniedError, match="who asked"):
            approve(session, asker, asked)


def test_a_role_that_does_not_approve_is_denied(
    database: Database, engineer: Actor, admin: Actor
) -> None:
    with database.write() as session:
        asked = ask(session, engineer)
        for actor in (admin, Actor.system("worker")):
            with pytest.raises(DeniedError):
                approve(session, actor, asked)


def test_an_approver_of_another_scope_is_denied(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        here, there = scope.add(session), scope.add(session)
        asked = ask(session, engineer, Subject("change", "17", "a" * 64, here))
        outsider = Actor(8, "hoa", frozenset({Role.APPROVER}), frozenset({there}))
        with pytest.raises(DeniedError, match="scope"):
            approve(session, outsider, asked)
        approve(session, Actor(9, "hai", outsider.roles, frozenset({here})), asked)


def test_content_that_changed_cannot_be_approved_and_voids_what_was(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    with database.write() as session:
        asked = ask(session, engineer)
        with pytest.raises(ConflictError, match="changed"):
            approve(session, approver, asked, "b" * 64)
        approve(session, approver, asked)
        assert approval.void(session, engineer, "change", "17", unless_hash="a" * 64) == 0
        assert approval.void(session, engineer, "change", "17", unless_hash="b" * 64) == 1
        assert approval.state_of(approval.get(session, asked)) is State.VOIDED
        with pytest.raises(ConflictError):
            approval.require_approved(session, "change", "17", "a" * 64)


def test_an_approval_ends_at_its_expiry_before_any_sweep(
    database: Database, engineer: Actor, approver: Actor, hand: Hand
) -> None:
    with database.write() as session:
        asked, late = ask(session, engineer), None
        approve(session, approver, asked)
        late = ask(session, engineer, Subject("change", "18", "a" * 64))
        hand.advance(4 * 3600)
        with pytest.raises(ConflictError):
            approval.require_approved(session, "change", "17", "a" * 64)
        with pytest.raises(ConflictError, match="expired"):
            approve(session, approver, late)
        assert approval.expire(session, Actor.system("sweeper")) == 2
        assert approval.get(session, late).state == State.EXPIRED


def test_a_broken_glass_is_loud_until_another_person_reviews_it(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    expires_at = START + timedelta(hours=1)
    with database.write() as session:
        broken = approval.break_glass(
            session, engineer, CHANGE, MAY, reason="đứt cáp", expires_at=expires_at
        )
        assert approval.require_approved(session, "change", "17", "a" * 64) == broken
        assert [row.id for row in approval.unreviewed(session)] == [broken]
        with pytest.raises(DeniedError):
            approval.review(session, engineer, broken, "fine")
        approval.review(session, approver, broken, "justified")
        assert approval.unreviewed(session) == []
        with pytest.raises(ConflictError):
            approval.review(session, approver, broken, "again")


def test_who_may_not_break_the_glass_is_denied(database: Database, approver: Actor) -> None:
    with database.write() as session, pytest.raises(DeniedError):
        approval.break_glass(
            session, approver, CHANGE, MAY, reason="x", expires_at=START + timedelta(hours=1)
        )


def test_no_reason_and_a_past_expiry_are_said_at_once(database: Database, engineer: Actor) -> None:
    with database.write() as session, pytest.raises(InvalidInputError) as caught:
        approval.request(session, engineer, CHANGE, MAY, reason=" ", expires_at=START)
    assert [problem.field for problem in caught.value.problems] == ["reason", "expires_at"]


def test_two_decisions_at_once_have_one_winner(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        asked = ask(session, engineer)

    def decide(number: int) -> bool:
        person = Actor(100 + number, f"p{number}", frozenset({Role.APPROVER}), None)
        try:
            with clock.frozen(START), database.write() as session:
                approval.decide(session, person, asked, "a" * 64, approve=bool(number % 2))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(decide, range(6))).count(True) == 1
