"""Users and their roles."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import select

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows, show_text
from hatang.auth import Permission, Role, require, totp, users
from hatang.errors import NotFoundError, SettingsError
from inventory.models import Unit

if TYPE_CHECKING:
    from hatang.db import AnySession

user: typer.Typer = noun("user", "People who use hatang.")

UnitCode = Annotated[
    str, typer.Option("--unit", help="Code of the unit; the whole province if none.")
]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Read it from here; - is standard input.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(user)


@verb(user, "create")
def create(
    name: str,
    *,
    role: Annotated[list[Role] | None, typer.Option(help="May be given several times.")] = None,
    display_name: Annotated[str, typer.Option(help="How pages call the person.")] = "",
    password_file: PasswordFile = None,
) -> None:
    """Create a person, who has to change the password at the first login.

    Example: hatang user create lan --role engineer --as admin
    """
    with door().read() as (session, actor):
        require(actor, Permission.USER_ADMIN)
    password = _new_password(password_file)
    with door().write() as (session, actor):
        found = users.create_user(session, actor, name, password, display_name=display_name)
        for each in role or []:
            users.grant_role(session, actor, found.id, each)
    say(f"user {name} created")


@verb(user, "list")
def list_() -> None:
    """List people with their roles.

    Example: hatang user list --format json
    """
    with door().read() as (session, actor):
        require(actor, Permission.USER_ADMIN)
        rows = [
            {
                "name": found.name,
                "display_name": found.display_name,
                "is_active": found.is_active,
                "roles": sorted({grant.role.value for grant in users.grants_of(session, found.id)}),
                "last_login_at": found.last_login_at,
            }
            for found in users.list_users(session)
        ]
    show_rows(rows, "name", "display_name", "is_active", "roles", "last_login_at")


@verb(user, "roles")
def roles(name: str) -> None:
    """List the roles of a person, each with the unit it reaches down from.

    Example: hatang user roles lan --as admin
    """
    with door().read() as (session, actor):
        require(actor, Permission.USER_ADMIN)
        codes = dict(session.execute(select(Unit.scope_id, Unit.code)).all())
        found = users.get_user(session, name)
        rows = [
            {
                "role": row.role,
                "unit": codes.get(row.scope_id) if row.scope_id is not None else None,
                "granted_by": row.granted_by,
                "granted_at": row.granted_at,
            }
            for row in users.list_roles(session, found.id)
        ]
    show_rows(rows, "role", "unit", "granted_by", "granted_at")


@verb(user, "grant")
def grant(name: str, role: Role, *, unit: UnitCode = "") -> None:
    """Give a person a role, in a unit and all below it.

    Example: hatang user grant lan operator --unit xa-01 --as admin
    """
    with door().write() as (session, actor):
        found = users.get_user(session, name)
        users.grant_role(session, actor, found.id, role, _scope(session, unit))
    say(f"{name} is {role.value} {'in ' + unit if unit else 'of the whole province'}")


@verb(user, "revoke")
def revoke(name: str, role: Role, *, unit: UnitCode = "") -> None:
    """Take a role from a person, in the unit it was given for; it ends at the next request.

    Example: hatang user revoke lan operator --unit xa-01 --as admin
    """
    with door().write() as (session, actor):
        found = users.get_user(session, name)
        users.revoke_role(session, actor, found.id, role, _scope(session, unit))
    say(f"{name} is no longer {role.value} {'in ' + unit if unit else 'of the whole province'}")


@verb(user, "deactivate")
def deactivate(name: str) -> None:
    """Let a person in no more; sessions and tokens end at once, the name stays in the records.

    Example: hatang user deactivate lan --as admin
    """
    with door().write() as (session, actor):
        users.deactivate(session, actor, users.get_user(session, name).id)
    say(f"{name} is out; every session and token of {name} has ended")


@verb(user, "reactivate")
def reactivate(name: str) -> None:
    """Let a person in again, with the roles held before; ended tokens stay ended.

    Example: hatang user reactivate lan --as admin
    """
    with door().write() as (session, actor):
        users.reactivate(session, actor, users.get_user(session, name).id)
    say(f"{name} may sign in again")


@verb(user, "reset-password")
def reset_password(name: str) -> None:
    """Give a person a random password and print it, once; it has to be changed at the next login.

    Example: hatang user reset-password lan --as admin
    """
    with door().write() as (session, actor):
        text = users.reset_password(session, actor, users.get_user(session, name).id)
    say(f"every session of {name} has ended; the password is shown this once only")
    show_text(text)


@verb(user, "reset-second-factor")
def reset_second_factor(name: str) -> None:
    """Take a lost second factor from a person, who enrols another at the next login.

    Example: hatang user reset-second-factor lan --as admin
    """
    with door().write() as (session, actor):
        totp.reset(session, actor, users.get_user(session, name))
    say(f"{name} has no second factor now; every session of {name} has ended")


@verb(user, "password")
def password(name: str, *, password_file: PasswordFile = None) -> None:
    """Set a person's password; every session of that person ends.

    Example: hatang user password lan --as admin
    """
    text = _new_password(password_file)
    with door().write() as (session, actor):
        users.set_password(session, actor, users.get_user(session, name).id, text)
    say(f"the password of {name} is set")


def _scope(session: AnySession, unit: str) -> int | None:
    if not unit:
        return None
    scope_id = session.scalar(select(Unit.scope_id).where(Unit.code == unit))
    if scope_id is None:
        raise NotFoundError(f"there is no unit {unit}")
    return scope_id


def _new_password(file: Path | None) -> str:
    """Return a password that never stood on a command line."""
    if file is not None:
        try:
            text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} cannot be read", fix="Name a text file.") from error
        return text.strip("\r\n")
    if not sys.stdin.isatty():
        raise SettingsError(
            "there is no terminal to ask for the password",
            fix="Give it with --password-file FILE, or --password-file - for standard input.",
        )
    text = getpass("Password: ")
    if getpass("Again: ") != text:
        raise SettingsError("the two passwords differ", fix="Try again.")
    return text
