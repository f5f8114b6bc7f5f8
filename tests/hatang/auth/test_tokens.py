from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import clock
from hatang.auth import Actor, ApiToken, Role, create_first_admin, tokens, users
from hatang.errors import DeniedError, InvalidInputError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(START) as hand:
        yield hand


@pytest.fixture
def lan(database: Database, hand: Hand) -> Actor:
    with database.write() as session:
        create_first_admin(session)
        chief = users.actor_of(session, users.get_user(session, "admin"))
        user = users.create_user(session, chief, "lan", "a-long-passphrase-1")
        for role in (Role.VIEWER, Role.ENGINEER):
            users.grant_role(session, chief, user.id, role)
        return users.actor_of(session, user)


def create(database: Database, actor: Actor, *roles: Role, days: float = 30) -> str:
    with database.write() as session:
        return tokens.create_token(session, actor, "ci", roles, START + timedelta(days=days))


def test_a_token_carries_its_roles_only_and_is_kept_as_a_hash(
    database: Database, lan: Actor
) -> None:
    text = create(database, lan, Role.VIEWER)
    with database.write() as session:
        identity = tokens.authenticate_token(session, text)
        tokens.touch_token(session, identity)
        (row,) = tokens.list_tokens(session, identity.user_id)
        assert row.last_used_at == START
    assert identity.actor.roles == {Role.VIEWER}
    with database.read() as session:
        assert text.split("_", 2)[2] not in session.scalars(select(ApiToken.secret_hash)).all()
        assert not tokens.authenticate_token(session, text).needs_touch


def test_a_role_taken_from_the_person_leaves_the_token_too(database: Database, lan: Actor) -> None:
    text = create(database, lan, Role.VIEWER, Role.ENGINEER)
    assert lan.id is not None
    with database.write() as session:
        chief = users.actor_of(session, users.get_user(session, "admin"))
        users.revoke_role(session, chief, lan.id, Role.ENGINEER)
        assert tokens.authenticate_token(session, text).actor.roles == {Role.VIEWER}


def test_a_token_cannot_have_more_than_its_owner(database: Database, lan: Actor) -> None:
    with pytest.raises(DeniedError, match="admin"):
        create(database, lan, Role.ADMIN)


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_token_ends_within_a_year(database: Database, lan: Actor, days: float) -> None:
    with pytest.raises(InvalidInputError):
        create(database, lan, Role.VIEWER, days=days)


def test_an_ended_or_revoked_or_forged_token_is_not_taken(
    database: Database, lan: Actor, hand: Hand
) -> None:
    ended, revoked = create(database, lan, Role.VIEWER), create(database, lan, Role.VIEWER, days=90)
    with database.write() as session:
        tokens.revoke_token(session, lan, revoked.split("_")[1])
    prefix = ended.split("_")[1]
    hand.advance(31 * 86400)
    for text in (ended, revoked, f"hat_{prefix}_", f"hat_{prefix}_x", "", "hat__", "x"):
        with database.read() as session, pytest.raises(UnauthenticatedError):
            tokens.authenticate_token(session, text)
