"""Users, their roles, and API tokens."""

from __future__ import annotations

import sys
from datetime import timedelta
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows, show_text
from hatang.auth import Permission, Role, require, tokens, users
from hatang.clock import now
from hatang.errors import NotFoundError, SettingsError
from inventory.models import Unit

user: typer.Typer = noun("user", "People who use hatang.")
token: typer.Typer = noun("token", "Tokens for programs.")

PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="Read it from here; - is standard input.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(user)
    app.add_typer(token)


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


@verb(user, "grant")
def grant(
    name: str,
    role: Role,
    *,
    unit: Annotated[str, typer.Option(help="Code of the unit; the whole province if none.")] = "",
) -> None:
    """Give a person a role, in a unit and all below it.

    Example: hatang user grant lan operator --unit xa-01 --as admin
    """
    with door().write() as (session, actor):
        found = users.get_user(session, name)
        scope_id = None
        if unit:
            scope_id = session.scalar(select(Unit.scope_id).where(Unit.code == unit))
            if scope_id is None:
                raise NotFoundError(f"there is no unit {unit}")
        users.grant_role(session, actor, found.id, role, scope_id)
    say(f"{name} is {role.value} {'in ' + unit if unit else 'of the whole province'}")


@verb(user, "password")
def password(name: str, *, password_file: PasswordFile = None) -> None:
    """Set a person's password; every session of that person ends.

    Example: hatang user password lan --as admin
    """
    text = _new_password(password_file)
    with door().write() as (session, actor):
        users.set_password(session, actor, users.get_user(session, name).id, text)
    say(f"the password of {name} is set")


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


@verb(token, "create")
def create_token(
    name: str,
    *,
    role: Annotated[list[Role], typer.Option(help="Of your own; may be given several times.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it is valid.")] = 90,
) -> None:
    """Create an API token of your own and print it, once.

    Example: hatang token create dashboard --role viewer --as lan
    """
    with door().write() as (session, actor):
        text = tokens.create_token(session, actor, name, role, now() + timedelta(days=days))
    say("keep it, it is shown this once only")
    show_text(text)


@verb(token, "list")
def list_tokens() -> None:
    """List your tokens, without their secrets.

    Example: hatang token list --as lan
    """
    with door().read() as (session, actor):
        rows = [
            {
                "prefix": row.prefix,
                "name": row.name,
                "roles": row.roles,
                "expires_at": row.expires_at,
                "revoked_at": row.revoked_at,
            }
            for row in (tokens.list_tokens(session, actor.id) if actor.id is not None else [])
        ]
    show_rows(rows, "prefix", "name", "roles", "expires_at", "revoked_at")


@verb(token, "revoke")
def revoke_token(prefix: str) -> None:
    """End a token, named by the letters after hat_.

    Example: hatang token revoke 1a2b3c4d5e6f --as lan
    """
    with door().write() as (session, actor):
        tokens.revoke_token(session, actor, prefix)
    show({"revoked": prefix})
