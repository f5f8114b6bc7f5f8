"""People: creating them, their passwords and what they are granted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from hatang.audit import record
from hatang.auth.actor import Actor, Grant, require
from hatang.auth.models import ApiToken, LoginSession, User, UserRole
from hatang.auth.passwords import generate_password, hash_password, weakness
from hatang.auth.roles import Permission, Role, conflicts, permissions_of
from hatang.auth.throttle import forget, limits
from hatang.clock import now
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError, Problem
from hatang.scope import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import AnySession, WriteSession

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


def create_first_admin(session: WriteSession, name: str = "admin") -> str:
    """Create the first administrator and return the password, which is kept nowhere.

    Raises:
        ConflictError: there are users already.
    """
    if session.scalar(select(func.count()).select_from(User)):
        raise ConflictError("there are users already", fix="Ask an administrator.")
    password, system = generate_password(), Actor.system("init")
    user = _insert(session, name, password, display_name=name)
    user.must_change_password = True
    _insert_grant(session, system, user, Grant(Role.ADMIN, None))
    record(session, system, "user.create", f"user/{name}", {"roles": [Role.ADMIN]})
    return password


def create_user(
    session: WriteSession, actor: Actor, name: str, password: str, *, display_name: str = ""
) -> User:
    """Create a person without any role; the password has to be changed at the first login.

    Raises:
        DeniedError: the actor may not administer users.
        InvalidInputError: a bad name or weak password; both at once.
        ConflictError: the name is taken.
    """
    require(actor, Permission.USER_ADMIN)
    user = _insert(session, name, password, display_name=display_name)
    user.must_change_password = True
    record(session, actor, "user.create", f"user/{name}")
    return user


def get_user(session: AnySession, name: str) -> User:
    """Return the person called `name`; raises NotFoundError."""
    user = session.scalar(select(User).where(User.name == name.casefold()))
    if user is None:
        raise NotFoundError(f"there is no user {name}")
    return user


def list_users(session: AnySession) -> list[User]:
    """Return all people by name, left ones too."""
    return list(session.scalars(select(User).order_by(User.name)))


def list_holders(session: AnySession, permission: Permission) -> list[User]:
    """Return the active people who hold `permission` in some scope, by name."""
    carrying = [role for role in Role if permission in permissions_of(frozenset({role}))]
    held = select(UserRole.user_id).where(UserRole.role.in_(carrying))
    people = select(User).where(User.id.in_(held), User.is_active).order_by(User.name)
    return list(session.scalars(people))


def set_password(session: WriteSession, actor: Actor, user_id: int, password: str) -> None:
    """Replace a password: one's own, or anybody's for who administers users.

    Ends every session of the person. Whoever changes his own proves the old one at the door.

    Raises:
        DeniedError, NotFoundError, InvalidInputError: as their names say.
    """
    if actor.id != user_id:
        require(actor, Permission.USER_ADMIN)
    user = _user(session, user_id)
    _check(user.name, password)
    user.password_hash = hash_password(password)
    user.must_change_password = actor.id != user_id
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    record(session, actor, "user.set-password", f"user/{user.name}")


def reset_password(session: WriteSession, actor: Actor, user_id: int) -> str:
    """Give a person a random password and return it; it is kept nowhere and soon changed.

    Ends every session of the person and forgets the failed attempts that locked the name.

    Raises:
        DeniedError: the actor may not administer users, or it is himself, who proves the old
            password and sets another.
        NotFoundError: no such person.
    """
    require(actor, Permission.USER_ADMIN)
    if actor.id == user_id:
        raise DeniedError("nobody resets his own password", fix="Change it instead.")
    password = generate_password()
    set_password(session, actor, user_id, password)
    forget(session, limits(_user(session, user_id).name, ""))
    return password


def deactivate(session: WriteSession, actor: Actor, user_id: int) -> None:
    """Let a person in no more: sessions and tokens end at once; the row stays for the audit log."""
    require(actor, Permission.USER_ADMIN)
    if actor.id == user_id:
        raise DeniedError("nobody deactivates himself")
    user = _user(session, user_id)
    user.is_active = False
    session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
    alive = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*alive).values(revoked_at=now()))
    record(session, actor, "user.deactivate", f"user/{user.name}")


def reactivate(session: WriteSession, actor: Actor, user_id: int) -> None:
    """Let a person in again, with the roles held before; ended tokens stay ended.

    Raises:
        DeniedError, NotFoundError: as their names say.
        ConflictError: the person never left.
    """
    require(actor, Permission.USER_ADMIN)
    user = _user(session, user_id)
    if user.is_active:
        raise ConflictError(f"{user.name} is active")
    user.is_active = True
    record(session, actor, "user.reactivate", f"user/{user.name}")


def grant_role(
    session: WriteSession, actor: Actor, user_id: int, role: Role, scope_id: int | None = None
) -> None:
    """Give a person a role in a scope (None: the whole province); giving it twice changes nothing.

    Raises:
        DeniedError: the actor may not administer users, or it is himself.
        ConflictError: one person may not hold this role together with one he has.
        NotFoundError: no such person or scope.
    """
    user = _administered(session, actor, user_id)
    if scope_id is not None and not ancestors(session, scope_id):
        raise NotFoundError(f"there is no scope {scope_id}")
    held = grants_of(session, user_id)
    clashing = conflicts(frozenset(grant.role for grant in held) | {role})
    if clashing:
        pairs = ", ".join(f"{first} with {second}" for first, second in clashing)
        raise ConflictError(
            f"one person may not hold {pairs}", fix="Give the role to another person."
        )
    if Grant(role, scope_id) not in held:
        _insert_grant(session, actor, user, Grant(role, scope_id))
        detail = {"role": role, "scope": scope_id}
        record(session, actor, "user.grant", f"user/{user.name}", detail)


def revoke_role(
    session: WriteSession, actor: Actor, user_id: int, role: Role, scope_id: int | None = None
) -> None:
    """Take a role in a scope from a person.

    Raises:
        DeniedError: the actor may not administer users, or it is himself.
        NotFoundError: the person does not exist or does not hold it.
    """
    user = _administered(session, actor, user_id)
    statement = select(UserRole).where(UserRole.user_id == user_id, UserRole.role == role)
    rows = [row for row in session.scalars(statement) if row.scope_id == scope_id]
    if not rows:
        raise NotFoundError(f"{user.name} does not hold {role} there")
    for row in rows:
        session.delete(row)
    session.flush()
    record(session, actor, "user.revoke", f"user/{user.name}", {"role": role, "scope": scope_id})


def grants_of(session: AnySession, user_id: int) -> frozenset[Grant]:
    """Return what a person was granted."""
    rows = session.scalars(select(UserRole).where(UserRole.user_id == user_id))
    return frozenset(Grant(Role(row.role), row.scope_id) for row in rows)


def list_roles(session: AnySession, user_id: int) -> list[UserRole]:
    """Return what a person was granted, by whom and when, by role and then by age."""
    statement = select(UserRole).where(UserRole.user_id == user_id)
    return list(session.scalars(statement.order_by(UserRole.role, UserRole.id)))


def actor_of(session: AnySession, user: User, only: Iterable[Role] | None = None) -> Actor:
    """Return a person as an actor, with all his roles or `only` some of them."""
    held = grants_of(session, user.id)
    if only is not None:
        wanted = frozenset(only)
        held = frozenset(grant for grant in held if grant.role in wanted)
    roles = frozenset(grant.role for grant in held)
    return Actor(user.id, user.name, roles, _reach(session, held), held)


def _reach(session: AnySession, grants: frozenset[Grant]) -> frozenset[int] | None:
    """Return the scopes that every role reaches; each one alone may reach further."""
    by_role: dict[Role, set[int | None]] = {}
    for grant in grants:
        by_role.setdefault(grant.role, set()).add(grant.scope_id)
    limited = [scopes for scopes in by_role.values() if None not in scopes]
    if by_role and not limited:
        return None
    named = {scope for scopes in limited for scope in scopes if scope is not None}
    above = {scope: set(ancestors(session, scope)) for scope in named}
    return frozenset(scope for scope in named if all(above[scope] & scopes for scopes in limited))


def _administered(session: WriteSession, actor: Actor, user_id: int) -> User:
    require(actor, Permission.USER_ADMIN)
    if actor.id == user_id:
        raise DeniedError("nobody changes his own roles", fix="Ask another administrator.")
    return _user(session, user_id)


def _user(session: WriteSession, user_id: int) -> User:
    # Locked: two grants at once could each be allowed and together conflict.
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFoundError(f"there is no user {user_id}")
    return user


def _check(name: str, password: str) -> None:
    problems = []
    if not _NAME.fullmatch(name):
        fix = "Use a-z, 0-9, dot, dash, underscore, @."
        problems.append(Problem("user", "name", name, "is no user name", fix))
    fault = weakness(password, name)
    if fault:
        problems.append(Problem("user", "password", "", fault, "Choose another one."))
    if problems:
        raise InvalidInputError(problems)


def _insert(session: WriteSession, name: str, password: str, *, display_name: str) -> User:
    _check(name, password)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise ConflictError(f"the name {name} is taken")
    user = User(
        name=name,
        display_name=display_name or name,
        password_hash=hash_password(password),
        created_at=now(),
    )
    session.add(user)
    session.flush()
    return user


def _insert_grant(session: WriteSession, actor: Actor, user: User, grant: Grant) -> None:
    session.add(
        UserRole(
            user_id=user.id,
            role=grant.role,
            scope_id=grant.scope_id,
            granted_by=actor.name,
            granted_at=now(),
        )
    )
    session.flush()
