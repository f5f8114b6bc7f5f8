from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import scope
from hatang.audit import AuditEntry
from hatang.auth import Permission, Role, create_first_admin, users
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database, WriteSession

PASSWORD = "Mưa-xuân-phơi-phới"


@pytest.fixture
def chief(database: Database) -> Actor:
    with database.write() as session:
        create_first_admin(session)
        return users.actor_of(session, users.get_user(session, "admin"))


def lan(session: WriteSession, chief: Actor) -> int:
    return users.create_user(session, chief, "lan", PASSWORD).id


def test_the_first_administrator_is_made_once(database: Database, chief: Actor) -> None:
    assert chief.roles == {Role.ADMIN}
    assert chief.scope_ids is None
    with database.write() as session, pytest.raises(ConflictError):
        create_first_admin(session, "second")


def test_the_password_is_kept_only_as_a_hash(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        password = create_first_admin(session)
        user = users.get_user(session, "admin")
        entries = session.scalars(select(AuditEntry)).all()
        assert password not in f"{user.password_hash}{[entry.detail for entry in entries]}"
        assert str(user.password_hash).startswith("$argon2id$")


def test_only_administrators_create_people(sqlite_database: Database, engineer: Actor) -> None:
    with sqlite_database.write() as session, pytest.raises(DeniedError):
        users.create_user(session, engineer, "lan", PASSWORD)


def test_a_bad_name_and_a_weak_password_are_said_at_once(database: Database, chief: Actor) -> None:
    with database.write() as session, pytest.raises(InvalidInputError) as caught:
        users.create_user(session, chief, "Lan Anh", "short")
    assert {problem.field for problem in caught.value.problems} == {"name", "password"}
    assert "short'" not in str(caught.value)


def test_conflicting_roles_are_refused_for_one_person(database: Database, chief: Actor) -> None:
    with database.write() as session:
        user_id = lan(session, chief)
        users.grant_role(session, chief, user_id, Role.AUDITOR)
        with pytest.raises(ConflictError, match="auditor with engineer"):
            users.grant_role(session, chief, user_id, Role.ENGINEER)
        users.revoke_role(session, chief, user_id, Role.AUDITOR)
        users.grant_role(session, chief, user_id, Role.ENGINEER)
        assert {grant.role for grant in users.grants_of(session, user_id)} == {Role.ENGINEER}


def test_nobody_changes_his_own_roles(database: Database, chief: Actor) -> None:
    assert chief.id is not None
    with database.write() as session, pytest.raises(DeniedError):
        users.grant_role(session, chief, chief.id, Role.ENGINEER)


def test_an_unknown_scope_is_refused(database: Database, chief: Actor) -> None:
    with database.write() as session, pytest.raises(NotFoundError):
        users.grant_role(session, chief, lan(session, chief), Role.VIEWER, 99)


def test_roles_in_different_scopes_give_by_default_what_all_reach(
    database: Database, chief: Actor
) -> None:
    with database.write() as session:
        root = scope.add(session)
        hue, other = scope.add(session, root), scope.add(session, root)
        user_id = lan(session, chief)
        users.grant_role(session, chief, user_id, Role.VIEWER, root)
        users.grant_role(session, chief, user_id, Role.OPERATOR, hue)
        actor = users.actor_of(session, users.get_user(session, "lan"))
        assert actor.scope_ids == frozenset({hue})
        assert actor.acting(Permission.INVENTORY_READ).scope_ids == frozenset({root, hue})
        assert actor.acting(Permission.CHANGE_REQUEST).scope_ids == frozenset({hue})
        users.grant_role(session, chief, user_id, Role.ENGINEER, other)
        assert users.actor_of(session, users.get_user(session, "lan")).scope_ids == frozenset()


def test_who_leaves_stays_in_the_list(database: Database, chief: Actor) -> None:
    with database.write() as session:
        users.deactivate(session, chief, lan(session, chief))
        assert [(u.name, u.is_active) for u in users.list_users(session)] == [
            ("admin", True),
            ("lan", False),
        ]
