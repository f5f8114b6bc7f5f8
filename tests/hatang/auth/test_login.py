from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from sqlalchemy import select

from hatang import clock
from hatang.audit import AuditEntry
from hatang.auth import (
    Attempt,
    LockedOutError,
    LoginSession,
    LoginThrottle,
    Permission,
    SecondFactorRequiredError,
    create_first_admin,
    log_in,
    passwords,
    sessions,
    totp,
    users,
)
from hatang.errors import DeniedError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WRONG = Attempt("admin", "wrong-password", address="192.0.2.1")


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(START) as hand:
        yield hand


@pytest.fixture
def right(database: Database, hand: Hand) -> Attempt:
    with database.write() as session:
        return Attempt("admin", create_first_admin(session), address="192.0.2.1")


def fail(database: Database, times: int, attempt: Attempt = WRONG) -> None:
    for _ in range(times):
        with pytest.raises(UnauthenticatedError) as caught:
            log_in(database, attempt)
        assert not isinstance(caught.value, LockedOutError)


def test_the_right_password_opens_a_session_of_which_only_a_hash_is_kept(
    database: Database, right: Attempt
) -> None:
    login = log_in(database, right)
    with database.read() as session:
        assert sessions.authenticate(session, login.token).actor.name == "admin"
        assert login.token not in session.scalars(select(LoginSession.token_hash)).all()
    assert login.must_change_password
    assert login.token not in repr(login)


def test_a_refusal_is_the_same_for_a_wrong_password_and_an_unknown_name(
    database: Database, right: Attempt
) -> None:
    messages = set()
    for attempt in (WRONG, Attempt("my-secret-typed-here", right.password)):
        with pytest.raises(UnauthenticatedError) as caught:
            log_in(database, attempt)
        messages.add(str(caught.value))
    assert len(messages) == 1
    with database.read() as session:
        targets = session.scalars(select(AuditEntry.target).where(AuditEntry.outcome == "denied"))
        assert sorted(targets) == ["user/-", "user/admin"]
        assert "secret" not in "".join(session.scalars(select(LoginThrottle.key)))


def test_an_unknown_name_costs_the_same_work(
    database: Database, right: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    verify = passwords._hasher.verify

    def noting(given: str, kept: str) -> bool:
        hashes.append(kept)
        return verify(given, kept)

    monkeypatch.setattr(passwords._hasher, "verify", noting)
    fail(database, 1)
    fail(database, 1, Attempt("nobody", "wrong-password"))
    known, decoy = (kept.split("$")[1:4] for kept in hashes)
    assert known == decoy  # the same algorithm, version and cost


def test_five_failures_lock_the_name_and_the_lock_grows(
    database: Database, right: Attempt, hand: Hand
) -> None:
    fail(database, 5)
    with pytest.raises(LockedOutError) as caught:
        log_in(database, right)
    assert caught.value.until == START + timedelta(seconds=30)
    hand.advance(31)
    fail(database, 1)
    hand.advance(31)
    with pytest.raises(LockedOutError):
        log_in(database, right)
    hand.advance(30)
    log_in(database, right)
    fail(database, 5)


def test_guesses_at_one_moment_do_not_pass_the_limit_together(
    database: Database, right: Attempt
) -> None:
    def guess(_: int) -> bool:
        with clock.frozen(START), pytest.raises(UnauthenticatedError) as caught:
            log_in(database, WRONG)
        return isinstance(caught.value, LockedOutError)

    with ThreadPoolExecutor(4) as pool:
        locked = list(pool.map(guess, range(12)))
    assert locked.count(False) == 5


def test_failures_are_forgotten_after_an_hour(
    database: Database, right: Attempt, hand: Hand
) -> None:
    fail(database, 4)
    hand.advance(3601)
    fail(database, 4)
    log_in(database, right)


def enrol(database: Database) -> pyotp.TOTP:
    with database.write() as session:
        actor = users.actor_of(session, users.get_user(session, "admin"))
        secret = totp.start_enrolment(session, actor).secret
        device = pyotp.TOTP(secret)
        totp.confirm_enrolment(session, actor, device.at(clock.now()))
        assert secret not in str(users.get_user(session, "admin").totp_secret)
    return device


def with_code(attempt: Attempt, code: str) -> Attempt:
    return Attempt(attempt.name, attempt.password, code, attempt.address)


def test_an_enrolled_person_needs_a_code_and_each_works_once(
    database: Database, right: Attempt, hand: Hand
) -> None:
    device = enrol(database)
    with pytest.raises(SecondFactorRequiredError):
        log_in(database, right)
    fail(database, 1, with_code(right, device.at(clock.now())))  # spent by the enrolment
    hand.advance(30)
    login = log_in(database, with_code(right, device.at(clock.now())))
    with database.read() as session:
        assert sessions.authenticate(session, login.token).has_second_factor
    fail(database, 1, with_code(right, device.at(clock.now())))


def test_asking_for_the_code_does_not_reset_the_count_of_wrong_codes(
    database: Database, right: Attempt
) -> None:
    enrol(database)
    for _ in range(5):
        fail(database, 1, with_code(right, "000000"))
        if _ < 4:
            with pytest.raises(SecondFactorRequiredError):
                log_in(database, right)
    with pytest.raises(LockedOutError):
        log_in(database, right)


def test_an_administrator_idle_for_five_minutes_is_out(
    database: Database, right: Attempt, hand: Hand
) -> None:
    login = log_in(database, right)
    hand.advance(290)
    with database.write() as session:
        identity = sessions.authenticate(session, login.token)
        assert identity.needs_touch
        sessions.touch(session, identity)
    hand.advance(290)
    with database.read() as session:
        sessions.authenticate(session, login.token)
        hand.advance(11)
        with pytest.raises(UnauthenticatedError, match="ended"):
            sessions.authenticate(session, login.token)


def test_a_session_ends_however_busy_it_is(database: Database, right: Attempt, hand: Hand) -> None:
    login = log_in(database, right)
    limits = sessions.Limits(admin_idle_seconds=1e6, session_seconds=600)
    hand.advance(601)
    with database.write() as session:
        with pytest.raises(UnauthenticatedError):
            sessions.authenticate(session, login.token, limits)
        assert sessions.remove_ended(session, limits) == 1


def test_who_is_deactivated_is_out_at_once(database: Database, right: Attempt) -> None:
    login = log_in(database, right)
    with database.write() as session:
        users.get_user(session, "admin").is_active = False
    with database.read() as session, pytest.raises(UnauthenticatedError):
        sessions.authenticate(session, login.token)
    fail(database, 1, right)


def test_the_csrf_token_belongs_to_one_session(database: Database, right: Attempt) -> None:
    first, second = log_in(database, right), log_in(database, right)
    assert sessions.csrf_matches(first.token, first.csrf)
    assert not sessions.csrf_matches(second.token, first.csrf)
    assert not sessions.csrf_matches(first.token, "không")


def test_a_session_without_second_factor_may_not_change_things(
    database: Database, right: Attempt
) -> None:
    login = log_in(database, right)
    with database.read() as session:
        identity = sessions.authenticate(session, login.token)
    identity.require_second_factor(Permission.INVENTORY_READ)
    with pytest.raises(DeniedError, match="second factor"):
        identity.require_second_factor(Permission.USER_ADMIN)
