"""Whatever is done in whatever order, the store and a few lines of model agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hatang import approval, clock
from hatang.approval import State, Subject
from hatang.auth import Actor, Permission, Role
from hatang.errors import ConflictError, DeniedError

if TYPE_CHECKING:
    from hatang.db import Database

PEOPLE = [Actor(n, f"p{n}", frozenset({Role.APPROVER, Role.ENGINEER}), None) for n in (1, 2, 3)]
PERSON = st.sampled_from(PEOPLE)
HASH = st.sampled_from(["a" * 64, "b" * 64])
HOUR = timedelta(hours=1)


class Approvals(RuleBasedStateMachine):
    """The model: the newest request about one subject, who asked, and until when it holds."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.frozen = clock.frozen(datetime(2026, 11, 22, tzinfo=UTC))
        self.hand = self.frozen.__enter__()
        self.state, self.hash, self.asker = State.VOIDED, "", PEOPLE[0]
        self.until, self.number = clock.now(), 0
        with self.database.write() as session:
            approval.void(session, PEOPLE[0], "change", "1")

    def teardown(self) -> None:
        self.frozen.__exit__(None, None, None)

    @property
    def now(self) -> State:
        past = self.state in approval.service.OPEN and clock.now() >= self.until
        return State.EXPIRED if past else self.state

    @rule(person=PERSON, digest=HASH)
    def ask(self, person: Actor, digest: str) -> None:
        self.until = clock.now() + HOUR
        with self.database.write() as session:
            self.number = approval.request(
                session,
                person,
                Subject("change", "1", digest),
                Permission.CHANGE_APPROVE,
                reason="x",
                expires_at=self.until,
            )
        self.state, self.hash, self.asker = State.PENDING, digest, person

    @rule(person=PERSON, digest=HASH, yes=st.booleans())
    def decide(self, person: Actor, digest: str, yes: bool) -> None:
        if not self.number:
            return
        allowed = person != self.asker and digest == self.hash and self.now is State.PENDING
        try:
            with self.database.write() as session:
                approval.decide(session, person, self.number, digest, approve=yes)
        except (DeniedError, ConflictError):
            assert not allowed
        else:
            assert allowed
            self.state = State.APPROVED if yes else State.REJECTED

    @rule(digest=HASH)
    def change_content(self, digest: str) -> None:
        with self.database.write() as session:
            approval.void(session, PEOPLE[0], "change", "1", unless_hash=digest)
        if self.state in approval.service.OPEN and digest != self.hash:
            self.state = State.VOIDED

    @rule(minutes=st.sampled_from([1, 40]))
    def wait(self, minutes: int) -> None:
        self.hand.advance(minutes * 60)

    @rule()
    def sweep(self) -> None:
        with self.database.write() as session:
            approval.expire(session, Actor.system("sweeper"))
        self.state = self.now

    @invariant()
    def only_what_another_person_approved_is_in_force(self) -> None:
        with self.database.read() as session:
            for digest in ("a" * 64, "b" * 64):
                try:
                    approval.require_approved(session, "change", "1", digest)
                    in_force = True
                except ConflictError:
                    in_force = False
                assert in_force == (self.now is State.APPROVED and digest == self.hash)


def test_approvals_follow_their_model(database: Database) -> None:
    machine = type("Machine", (Approvals,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
